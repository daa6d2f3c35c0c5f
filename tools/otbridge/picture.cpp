#include "picture.hpp"

#include "exit_code.hpp"
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

Origin origin_of(const Job& job, const RunOptions& run, std::vector<std::string> inputs) {
  Origin origin{.source = job.source.label,
                .target = job.target.label,
                .command = run.command_line,
                .seed = job.seed,
                .inputs = std::move(inputs)};
  // The columns of the source, or of the target where it has none.
  for (const NamedLaw* law : {&job.source, &job.target}) {
    if (origin.columns.empty() && law->cloud) origin.columns = law->cloud->columns;
  }
  if (job.source.cloud) origin.source_ids = job.source.cloud->ids;
  if (job.target.cloud) origin.target_ids = job.target.cloud->ids;
  return origin;
}

PlotCloud plot_cloud(const Cloud& cloud) { return {cloud.points, cloud.weights, cloud.ids}; }

}  // namespace otbridge::cli
