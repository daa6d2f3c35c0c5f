// Each error of the library is an exception of its own, and of the kind that Python has for it.
#include "binding.hpp"

namespace otbridge::python {

void bind_errors(nb::module_& m) {
  auto error = nb::exception<Error>(m, "Error", PyExc_Exception);
  const auto both = [&](PyObject* kind) { return nb::make_tuple(error, nb::handle(kind)); };
  nb::exception<InvalidInput>(m, "InvalidInput", both(PyExc_ValueError));
  nb::exception<IoFailure>(m, "IoFailure", both(PyExc_OSError));
  nb::exception<MemoryLimit>(m, "MemoryLimit", both(PyExc_MemoryError));
}

}  // namespace otbridge::python
