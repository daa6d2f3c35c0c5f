#include "picture.hpp"

#include "exit_code.hpp"
#include "otbridge/core/version.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "output.hpp"
#include "raster.hpp"

namespace otbridge::cli {

bool is_picture(const std::string& path) {
  const std::string extension = extension_of(path);
  return extension == ".svg" || extension == ".png" || extension == ".pdf";
}

void check_pictures(std::initializer_list<std::pair<const char*, std::string>> pictures) {
  for (const auto& [option, path] : pictures) {
    if (path.empty()) continue;
    const std::string extension = extension_of(path), place = std::string(option) + " " + path;
    if (!is_picture(path)) {
      throw UsageError(place + ": the extension must be .svg, .png or .pdf");
    }
    if (extension != ".svg" && !kHasRaster) {
      throw UsageError(place + ": this otbridge was built without librsvg, which " + extension +
                       " needs; write .svg");
    }
    check_outputs({path});
  }
}

void write_picture(const std::string& path, const std::string& svg) {
  const std::string extension = extension_of(path);
  write_file(path, extension == ".png" ? png_of(svg) : extension == ".pdf" ? pdf_of(svg) : svg);
}

FigureText figure_text(const Job& job, const RunOptions& run, const std::string& title,
                       const std::string& subtitle, const std::string& description) {
  return {title, subtitle, description,
          "command: " + run.command_line + "; seed: " + std::to_string(job.seed) + "; otbridge " +
              kVersion};
}

PlotCloud plot_cloud(const Cloud& cloud) { return {cloud.points, cloud.weights, cloud.ids}; }

PlotEnds plot_ends(const Job& job, const PlotCloud& source, const PlotCloud& target) {
  PlotEnds ends{source, target};
  for (const NamedLaw* law : {&job.source, &job.target}) {
    if (ends.columns.empty() && law->cloud) ends.columns = law->cloud->columns;
  }
  return ends;
}

}  // namespace otbridge::cli
