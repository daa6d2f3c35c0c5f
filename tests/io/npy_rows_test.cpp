// Rows of NPY files, read and written in pieces, against whole files.
#include "otbridge/io/npy_rows.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <limits>

#include "../thread_ranks.hpp"
#include "folder.hpp"
#include "io/cloud_text.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/random.hpp"
#include "otbridge/io/cloud.hpp"
#include "refusal.hpp"

using namespace otbridge;
using otbridge::testing::Folder;
using otbridge::testing::refusal;

TEST_CASE("rows in pieces are those of the whole file") {
  const Folder folder;
  const std::string path = folder / "x.npy";
  for (const Index d : {1, 3}) {
    const Points x = normal_points(1000, d, RandomStream(1));
    write_cloud({x, {}, {}, {}}, path);
    const auto reader = NpyRowReader::open(path);
    REQUIRE(reader);
    CHECK(reader->rows() == 1000);
    CHECK(reader->cols() == d);
    CHECK(reader->read(0, 1000) == x);
    CHECK(reader->read(17, 18) == x.row(17));
    CHECK(reader->read(990, 1000) == x.bottomRows(10));

    const std::string other = folder / "y.npy";
    NpyRowWriter writer(other, d);
    writer.append(x.topRows(1));
    writer.append(x.middleRows(1, 700));
    CHECK_FALSE(file_exists(other));
    writer.append(x.bottomRows(299));
    writer.finish();
    CHECK(read_file(other) == read_file(path));
    std::filesystem::remove(other);
  }
}

TEST_CASE("numbers of other types and orders of bytes, and points of a line") {
  const Folder folder;
  const std::string path = folder / "x.npy";
  const auto write = [&](const std::string& type, const std::string& shape,
                         const std::string& bytes, const std::string& fortran = "False") {
    std::string header =
        "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + "}";
    header.append(117 - header.size(), ' ');
    header += '\n';
    write_file(path, std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + bytes);
  };
  const auto same_as_whole = [&] {
    const auto reader = NpyRowReader::open(path);
    REQUIRE(reader);
    const Points whole = read_cloud(path).points;
    CHECK(reader->read(0, reader->rows()) == whole);
    CHECK(reader->read(1, 2) == whole.row(1));
  };
  write("<i2", "(2, 2)", std::string("\x01\x00\x02\x00\x03\x00\x04\x00", 8));
  same_as_whole();
  write(">i2", "(4,)", std::string("\x01\x00\x02\x00\x03\x00\x04\x00", 8));
  same_as_whole();
  write("|u1", "(2, 4)", "abcdefgh");
  same_as_whole();

  // What is left to the reading of whole files.
  write("|u1", "(2, 4)", "abcdefgh", "True");
  CHECK_FALSE(NpyRowReader::open(path));
  for (const char* shape : {"(2, 5)", "(0, 4)", "(2, 2, 2)", "()", "(4294967296, 4294967296)"}) {
    write("|u1", shape, "abcdefgh");
    CHECK_FALSE(NpyRowReader::open(path));
  }
  write("|S1", "(2, 4)", "abcdefgh");
  CHECK_FALSE(NpyRowReader::open(path));
  write_file(path, "x,y\n1,2\n");
  CHECK_FALSE(NpyRowReader::open(path));
  CHECK_FALSE(NpyRowReader::open("/dev/null"));
  CHECK_FALSE(NpyRowReader::open(folder / "missing.npy"));
}

TEST_CASE("an entry that is not finite is named as it is of a whole file; a shorter file is told") {
  const Folder folder;
  const std::string path = folder / "x.npy";
  Points x = Points::Zero(400000, 3);
  x(399998, 1) = std::numeric_limits<double>::infinity();
  write_file(path, encode_npy({x.rows(), x.cols()}, {x.data(), to_size(x.size())}));
  const std::string told = refusal([&] { NpyRowReader::open(path); });
  CHECK(told.find("row 399998, coordinate 1 = inf") != std::string::npos);
  CHECK(told == refusal([&] { read_cloud(path); }));

  write_cloud({x.topRows(100), {}, {}, {}}, path);
  const auto reader = NpyRowReader::open(path);
  REQUIRE(reader);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  CHECK(reader->read(0, 99).rows() == 99);
  CHECK_THROWS_AS(reader->read(99, 100), IoFailure);
}

TEST_CASE("a file that is not finished leaves nothing, and what was there stays") {
  const Folder folder;
  const std::string path = folder / "x.npy";
  write_file(path, "before");
  {
    NpyRowWriter writer(path, 2);
    writer.append(Points::Zero(5, 2));
  }
  CHECK(read_file(path) == "before");
  CHECK(folder.files() == 1);
  CHECK_THROWS_AS(NpyRowWriter(folder / "missing/x.npy", 2), IoFailure);
  CHECK_THROWS_AS(NpyRowWriter("/dev/null", 2), IoFailure);
}

TEST_CASE("of ranks one reads and writes, and all have the rows") {
  const Folder folder;
  const std::string from = folder / "x.npy", to = folder / "y.npy";
  const Points x = normal_points(300, 3, RandomStream(1));
  write_cloud({x, {}, {}, {}}, from);
  for (const Points& rows : results_on_ranks(3, [&] {
         const auto reader = NpyRowReader::open(from);
         NpyRowWriter writer(to, 3);
         writer.append(reader->read(0, 200));
         writer.append(reader->read(200, 300));
         writer.finish();
         return reader->read(100, 150);
       })) {
    CHECK(rows == x.middleRows(100, 50));
  }
  CHECK(read_file(to) == read_file(from));
  CHECK(folder.files() == 2);
}
