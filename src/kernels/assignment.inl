// The kernels of assignment_table.hpp. All arrays are aligned to tiles.
namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE {
namespace {

// The least of each lane so far, and the column where it was met first; columns are whole numbers
// in doubles.
class LeastOfLanes {
 public:
  LeastOfLanes() {
    for (Size k = 0; k < kLanes<double>; ++k) number_[k] = static_cast<double>(k);
  }
  [[gnu::always_inline]] void see(DoubleLanes values) {
    const auto less = values < least_;
    least_ = less ? values : least_;
    column_ = less ? number_ : column_;
    number_ += static_cast<double>(kLanes<double>);
  }
  AssignmentTable::Least value() const {
    double value = least_[0], column = column_[0];
    for (Size k = 1; k < kLanes<double>; ++k) {
      if (least_[k] < value || (least_[k] == value && column_[k] < column)) {
        value = least_[k];
        column = column_[k];
      }
    }
    return {value, static_cast<Size>(column)};
  }

 private:
  DoubleLanes least_ = broadcast(2.0 * kNoCost), column_ = {}, number_;
};

void assignment_costs(const double* x, const double* y, Size d, Size columns, Size padded,
                      bool distance, double* costs) {
  for (Size j = 0; j < padded; j += kLanes<double>) {
    DoubleLanes sum = {};
    for (Size k = 0; k < d; ++k) {
      const DoubleLanes apart = x[k] - load(y + k * padded + j);
      sum += apart * apart;
    }
    const DoubleLanes cost = distance ? square_root(sum) : 0.5 * sum;
    __builtin_memcpy(costs + j, &cost, sizeof(cost));
  }
  for (Size j = columns; j < padded; ++j) costs[j] = kNoCost;
}

AssignmentTable::Least assignment_least(const double* costs, const double* g, Size padded) {
  LeastOfLanes least;
  for (Size j = 0; j < padded; j += kLanes<double>) least.see(load(costs + j) - load(g + j));
  return least.value();
}

AssignmentTable::Least assignment_relax(const double* costs, const double* g, double shift,
                                        double row, Size padded, double* distances,
                                        double* predecessors) {
  LeastOfLanes least;
  for (Size j = 0; j < padded; j += kLanes<double>) {
    const DoubleLanes way = load(costs + j) - load(g + j) + shift, before = load(distances + j);
    const auto shorter = way < before;
    const DoubleLanes after = shorter ? way : before;
    const DoubleLanes from = shorter ? broadcast(row) : load(predecessors + j);
    __builtin_memcpy(distances + j, &after, sizeof(after));
    __builtin_memcpy(predecessors + j, &from, sizeof(from));
    least.see(after > broadcast(-kNoCost) ? after : broadcast(kNoCost));
  }
  return least.value();
}

}  // namespace
}  // namespace otbridge::kernels::OTBRIDGE_KERNEL_NAMESPACE
