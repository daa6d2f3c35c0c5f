#include "otbridge/page/origin.hpp"

#include "otbridge/core/version.hpp"

namespace otbridge {

FigureText figure_text(const Origin& origin, const std::string& title, const std::string& subtitle,
                       const std::string& description) {
  return {title, subtitle, description,
          "command: " + origin.command + "; seed: " + std::to_string(origin.seed) + "; otbridge " +
              kVersion};
}

}  // namespace otbridge
