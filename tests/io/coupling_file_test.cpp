// Couplings as text: what is left out, and where ids stand.
#include "otbridge/io/coupling_file.hpp"

#include <doctest/doctest.h>

#include "folder.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/io/atomic_file.hpp"

using namespace otbridge;

namespace {

// Its entries are given.
class GivenCoupling final : public Coupling {
 public:
  explicit GivenCoupling(Matrix entries)
      : entries_(std::move(entries)), x_(entries_.rows(), 1), y_(entries_.cols(), 1) {
    a_ = entries_.rowwise().sum();
    b_ = entries_.colwise().sum();
  }
  const Points& source_points() const override { return x_; }
  const Points& target_points() const override { return y_; }
  const Vector& source_weights() const override { return a_; }
  const Vector& target_weights() const override { return b_; }

 private:
  Matrix do_rows(Index begin, Index end) const override {
    return entries_.middleRows(begin, end - begin);
  }
  Matrix entries_;
  Points x_, y_;
  Vector a_, b_;
};

}  // namespace

TEST_CASE("a coupling is written by rows, and what weighs little beside independence left out") {
  const testing::Folder folder;
  const std::string path = folder / "c.csv";
  // Marginals (1/2, 1/2) and (1/2, 3/8, 1/8): a_i b_j is 0.25, 0.1875, 0.0625 in both rows.
  const GivenCoupling coupling(Matrix{{0.4375, 0.0625, 0.0}, {0.0625, 0.3125, 0.125}});
  const WrittenCoupling all = write_coupling(coupling, 0.0, {}, {}, path);
  CHECK(all.entries == 5);
  CHECK(all.left_out == 0.0);
  CHECK(read_file(path) == "i,j,mass\n0,0,0.4375\n0,1,0.0625\n1,0,0.0625\n1,1,0.3125\n1,2,0.125\n");
  // The share of (0, 1) is 1/3, of (1, 0) 1/4, which is not below 1/4.
  const WrittenCoupling most = write_coupling(coupling, 0.25, {}, {}, path);
  CHECK(most.entries == 5);
  const WrittenCoupling some = write_coupling(coupling, 0.3, {"p", "q"}, {"u,v", "w", "x"}, path);
  CHECK(some.entries == 4);
  CHECK(some.left_out == 0.0625);
  CHECK(read_file(path) ==
        "i,j,mass,source_id,target_id\n0,0,0.4375,p,\"u,v\"\n0,1,0.0625,p,w\n"
        "1,1,0.3125,q,w\n1,2,0.125,q,x\n");
  write_coupling(coupling, 0.4, {}, {"u", "w", "x"}, path);
  CHECK(read_file(path).starts_with("i,j,mass,target_id\n0,0,0.4375,u\n1,1,"));
  CHECK_THROWS_WITH_AS(write_coupling(coupling, 0.0, {"p"}, {}, path),
                       "ids of the source: there are 1 for 2 points of the coupling", InvalidInput);
  CHECK_THROWS_AS(write_coupling(coupling, 0.0, {}, {}, folder / "no/c.csv"), IoFailure);
}
