#include "animation.hpp"

#include <algorithm>

#include "exit_code.hpp"
#include "film.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "output.hpp"
#include "raster.hpp"

namespace otbridge::cli {
namespace {

// Enough for dots, axes and the legend; more make larger files of smoother edges.
constexpr std::size_t kColours = 32;
constexpr std::size_t kKeyFrames = 13;

// Some of the times, first and last among them.
Paths key_frames(const Paths& paths) {
  if (paths.at.size() <= kKeyFrames) return paths;
  Paths some;
  for (std::size_t k = 0; k < kKeyFrames; ++k) {
    const std::size_t at = k * (paths.at.size() - 1) / (kKeyFrames - 1);
    some.times.push_back(paths.times[at]);
    some.at.push_back(paths.at[at]);
  }
  return some;
}

}  // namespace

void check_animation(const std::string& path) {
  if (path.empty()) return;
  const std::string extension = extension_of(path), place = "--animate " + path;
  if (extension != ".gif" && extension != ".png" && extension != ".svg")
    throw UsageError(place + ": the extension must be .gif, .png or .svg");
  if (extension != ".svg" && !kHasRaster) {
    throw UsageError(place + ": this otbridge was built without librsvg, which " + extension +
                     " needs; write .svg");
  }
  check_outputs({path});
}

void write_animation(const std::string& path, const FigureText& text, const PlotEnds& ends,
                     const Paths& paths, const Points& start, const RandomStream& stream) {
  const std::string extension = extension_of(path);
  if (extension == ".svg")
    return write_file(path, draw_motion(text, ends, key_frames(paths), start, stream));
  std::vector<Pixels> frames;
  for (std::size_t k = 0; k < paths.at.size(); ++k)
    frames.push_back(pixels_of(draw_frame(text, ends, paths, k, start, stream)));
  // Four seconds from the first time to the last, whatever the number of frames.
  FilmPace pace;
  pace.frame = std::max(2, static_cast<int>(400 / paths.at.size()));
  const Film film = film_of(frames, kColours, pace);
  write_file(path, extension == ".gif" ? gif_of(film) : apng_of(film));
}

}  // namespace otbridge::cli
