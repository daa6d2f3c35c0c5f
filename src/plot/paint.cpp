#include "plot/paint.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace otbridge {

std::string hex_colour(double red, double green, double blue) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string text = "#";
  for (const double share : {red, green, blue}) {
    const auto byte = std::lround(255.0 * std::clamp(share, 0.0, 1.0));
    text += {kDigits[byte / 16], kDigits[byte % 16]};
  }
  return text;
}

std::string lightened(const std::string& colour, double share) {
  std::array<double, 3> channels{};
  for (std::size_t k = 0; k < 3; ++k) {
    int byte = 0;
    const char* digits = colour.data() + 1 + 2 * k;
    std::from_chars(digits, digits + 2, byte, 16);
    channels[k] = byte / 255.0 + share * (1.0 - byte / 255.0);
  }
  return hex_colour(channels[0], channels[1], channels[2]);
}

std::vector<int> start_classes(const Points& plane) {
  std::vector<Index> rows;
  for (Index i = 0; i < plane.rows(); ++i) {
    if (plane.row(i).allFinite()) rows.push_back(i);
  }
  std::vector<int> classes(to_size(plane.rows()), 0);
  if (rows.empty()) return classes;
  const Points finite = plane(rows, Eigen::seqN(0, 2));
  const Points centred = finite.rowwise() - finite.colwise().mean();
  // The angle of the first principal axis of a 2 x 2 covariance.
  const double xx = centred.col(0).squaredNorm(), yy = centred.col(1).squaredNorm(),
               xy = centred.col(0).dot(centred.col(1));
  const double angle = 0.5 * std::atan2(2.0 * xy, xx - yy);
  const Vector along = std::cos(angle) * centred.col(0) + std::sin(angle) * centred.col(1);
  std::vector<Index> order(rows.size());
  for (std::size_t k = 0; k < order.size(); ++k) order[k] = static_cast<Index>(k);
  std::ranges::stable_sort(order, {}, [&](Index k) { return along[k]; });
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    classes[to_size(rows[to_size(order[rank])])] =
        static_cast<int>(rank * kStartColours.size() / order.size());
  }
  return classes;
}

}  // namespace otbridge
