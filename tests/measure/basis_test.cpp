// Rows in a basis and back, against plain products: by loops and by the kernels.
#include "measure/basis.hpp"

#include <doctest/doctest.h>

#include "core/decompositions.hpp"
#include "otbridge/core/random.hpp"

using namespace otbridge;

TEST_CASE("rows turn as by a product, and alike in any company") {
  for (const Index d : {1, 3, 11, 12, 13, 40}) {
    CAPTURE(d);
    const Matrix directions = singular_values(normal_points(d, d, RandomStream(1))).u;
    const Basis basis(directions);
    const Matrix rows = normal_points(37, d, RandomStream(2));
    const Matrix along = basis.along(rows), back = basis.back(rows);
    CHECK((along - rows * directions).cwiseAbs().maxCoeff() < 1e-13);
    CHECK((back - rows * directions.transpose()).cwiseAbs().maxCoeff() < 1e-13);
    CHECK((basis.back(along) - rows).cwiseAbs().maxCoeff() < 1e-13);
    for (const Index first : {0, 5, 36}) {
      CHECK(basis.along(rows.bottomRows(37 - first)) == along.bottomRows(37 - first));
      CHECK(basis.back(rows.row(first)) == back.row(first));
    }
  }
  const Matrix rows = normal_points(3, 20, RandomStream(3));
  CHECK(Basis().along(rows) == rows);
  CHECK(Basis().back(rows) == rows);
}
