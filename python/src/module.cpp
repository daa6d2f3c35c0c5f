// _core: the library as Python sees it. Strict about types; python/otbridge makes them right, and
// is what users call.
#include "binding.hpp"

NB_MODULE(_core, m) {
  using namespace otbridge::python;
  m.attr("version") = otbridge::kVersion;
  bind_errors(m);
  bind_laws(m);
  bind_plans(m);
  bind_moving(m);
  bind_solving(m);
  bind_scores(m);
  bind_pages(m);
}
