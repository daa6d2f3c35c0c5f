#include "fifty_digits.hpp"

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <vector>

namespace otbridge::testing {
namespace {

// Loops of its own, not Eigen's templates: a minute of compiling less.
using Real = boost::multiprecision::number<boost::multiprecision::cpp_bin_float<50>,
                                           boost::multiprecision::et_off>;

class Square {
 public:
  explicit Square(Index d) : d_(d), entries_(to_size(d * d), Real(0)) {}
  explicit Square(const Matrix& m) : Square(m.rows()) {
    for (Index i = 0; i < d_; ++i) {
      for (Index j = 0; j < d_; ++j) (*this)(i, j) = Real(m(i, j));
    }
  }
  static Square identity(Index d) {
    Square one(d);
    for (Index i = 0; i < d; ++i) one(i, i) = 1;
    return one;
  }

  Index size() const { return d_; }
  Real& operator()(Index i, Index j) { return entries_[to_size(i * d_ + j)]; }
  const Real& operator()(Index i, Index j) const { return entries_[to_size(i * d_ + j)]; }

 private:
  Index d_;
  std::vector<Real> entries_;
};

Square operator*(const Square& a, const Square& b) {
  Square product(a.size());
  for (Index i = 0; i < a.size(); ++i) {
    for (Index j = 0; j < a.size(); ++j) {
      for (Index k = 0; k < a.size(); ++k) product(i, j) += a(i, k) * b(k, j);
    }
  }
  return product;
}

// a M + b I.
Square affine(const Real& a, const Square& m, const Real& b) {
  Square result = m;
  for (Index i = 0; i < m.size(); ++i) {
    for (Index j = 0; j < m.size(); ++j) result(i, j) = a * m(i, j) + (i == j ? b : Real(0));
  }
  return result;
}

// V diag(use(lambda)) V^T of a symmetric matrix, its eigenvalues by cyclic Jacobi rotations
// (Golub and Van Loan, 8.5). The sweeps converge quadratically: 30 are many.
template <class Use>
Square of_eigenvalues(Square s, Use use) {
  const Index d = s.size();
  Square v = Square::identity(d);
  for (int sweep = 0; sweep < 30; ++sweep) {
    for (Index p = 0; p < d; ++p) {
      for (Index q = p + 1; q < d; ++q) {
        if (s(p, q) == 0) continue;
        const Real tau = (s(q, q) - s(p, p)) / (2 * s(p, q));
        const Real t = (tau < 0 ? Real(-1) : Real(1)) / (abs(tau) + sqrt(1 + tau * tau));
        const Real cosine = 1 / sqrt(1 + t * t), sine = t * cosine;
        const auto rotate = [&](Real& first, Real& second) {
          const Real old = first;
          first = cosine * old - sine * second;
          second = sine * old + cosine * second;
        };
        for (Index k = 0; k < d; ++k) rotate(s(k, p), s(k, q));
        for (Index k = 0; k < d; ++k) rotate(s(p, k), s(q, k));
        for (Index k = 0; k < d; ++k) rotate(v(k, p), v(k, q));
      }
    }
  }
  Square result(d);
  for (Index k = 0; k < d; ++k) {
    const Real value = use(s(k, k));
    for (Index i = 0; i < d; ++i) {
      for (Index j = 0; j < d; ++j) result(i, j) += v(i, k) * value * v(j, k);
    }
  }
  return result;
}

Square root_of(const Square& s) {
  return of_eigenvalues(s, [](const Real& x) { return x > 0 ? Real(sqrt(x)) : Real(0); });
}

}  // namespace

Matrix textbook_cross(const Matrix& s0, const Matrix& s1, const ReferenceProcess& reference) {
  const Real a = exp(Real(-reference.theta()));
  const Real s2 = reference.theta() > 0.0
                      ? Real(reference.epsilon()) * (1 - a * a) / (2 * Real(reference.theta()))
                      : Real(reference.epsilon());
  const Real lift = Real(1e-30) * Real(s0.norm() > 0.0 ? s0.norm() : 1.0);
  const Square source = affine(1, Square(s0), lift);
  const Square root = root_of(source);
  const Square inverse_root = of_eigenvalues(source, [](const Real& x) { return 1 / sqrt(x); });
  const Square inner = affine(4 * a * a, root * Square(s1) * root, s2 * s2);
  const Square c = affine(1 / (2 * a), root * root_of(inner) * inverse_root, -s2 / (2 * a));
  Matrix cross(s0.rows(), s0.cols());
  for (Index i = 0; i < cross.rows(); ++i) {
    for (Index j = 0; j < cross.cols(); ++j) cross(i, j) = static_cast<double>(c(i, j));
  }
  return cross;
}

}  // namespace otbridge::testing
