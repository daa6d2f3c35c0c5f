// The formats of records: PLY with attributes, PCD, NPZ, structured NPY.
// numpy*.np[yz] were written by NumPy 1.24 (savez, savez_compressed, save).
#include <doctest/doctest.h>

#include <cstring>

#include "folder.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/cloud.hpp"
#include "refusal.hpp"

using namespace otbridge;
using testing::refusal;

namespace {

using Names = std::vector<std::string>;

std::string data_file(const std::string& name) {
  return std::string(OTBRIDGE_SOURCE_DIR) + "/tests/io/data/" + name;
}

}  // namespace

TEST_CASE("PLY carries attributes bit by bit, and floats stay floats") {
  const std::string head =
      "ply\nformat binary_big_endian 1.0\nelement vertex 1\nproperty float x\nproperty uchar red\n"
      "property float y\nproperty short label\nproperty float quality\nend_header\n";
  // x = 1, red = 200, y = 2, label = -2, quality: a NaN with a message in it.
  const std::string body("\x3f\x80\x00\x00\xc8\x40\x00\x00\x00\xff\xfe\x7f\xa0\x12\x34", 15);
  Cloud cloud = parse_ply(head + body, "f");
  CHECK(cloud.points == Points{{1, 2}});
  CHECK(cloud.notes.empty());
  REQUIRE(cloud.attributes.size() == 3);
  CHECK(cloud.attributes[0].name == "red");
  CHECK(cloud.attributes[0].bytes == "\xc8");
  CHECK(cloud.attributes[1].bytes == "\xfe\xff");
  CHECK(cloud.attributes[2].bytes == std::string("\x34\x12\xa0\x7f"));
  cloud.points(0, 0) = 0.1;  // moved
  const std::string written = encode_cloud(cloud, CloudFormat::ply);
  CHECK(written.find("property float x\nproperty float y\nproperty float z\nproperty uchar red\n"
                     "property short label\nproperty float quality\n") != std::string::npos);
  const Cloud back = parse_ply(written, "f");
  CHECK(back.points == Points{{static_cast<double>(0.1F), 2}});
  for (std::size_t k = 0; k < 3; ++k) CHECK(back.attributes[k].bytes == cloud.attributes[k].bytes);
  // Colours as coordinates: positions are carried.
  const Cloud colours = parse_ply(head + body, "f", {.columns = {"red"}, .weight_column = "y"});
  CHECK(colours.points == Points{{200}});
  CHECK(colours.weights == Vector{{2.0}});
  const std::string recoloured = encode_cloud(colours, CloudFormat::ply);
  CHECK(recoloured.find("property double red\nproperty double weight\nproperty float x\n") !=
        std::string::npos);
  // An ascii attribute must be of its type.
  CHECK(refusal([] {
          parse_ply(
              "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\n"
              "property uchar red\nend_header\n1 256\n",
              "f");
        }) == "f: vertex 0: red = 256: is no number of its type, unsigned of 8 bits");
}

TEST_CASE("as many names as an array has columns name them") {
  const std::string bytes = encode_cloud({Points{{1, 2, 3}}, {}, {}, {}}, CloudFormat::npy);
  const Cloud named = parse_npy(bytes, "f", {.columns = {"r", "g", "b"}});
  CHECK(named.columns == Names{"r", "g", "b"});
  CHECK(named.points == Points{{1, 2, 3}});
  CHECK(parse_npy(bytes, "f", {.columns = {"x2", "x1", "x0"}}).points == Points{{3, 2, 1}});
  for (const Names& wrong : {Names{"r", "g"}, Names{"x0", "g", "b"}, Names{"r", "g", "r"}})
    CHECK(refusal([&] { parse_npy(bytes, "f", {.columns = wrong}); }) != "accepted");
}

TEST_CASE("clouds of one and two dimensions are written with zeros, and read back as they were") {
  for (const CloudFormat format : {CloudFormat::ply, CloudFormat::pcd}) {
    const auto parse = format == CloudFormat::ply ? parse_ply : parse_pcd;
    for (Index d = 1; d <= 3; ++d) {
      const Cloud cloud{Points::Constant(2, d, 0.1), Vector{{1.0, 0.25}}, {}, {}};
      const std::string bytes = encode_cloud(cloud, format);
      const Cloud back = parse(bytes, "f", {});
      CHECK(back.points == cloud.points);
      CHECK(back.weights == cloud.weights);
      CHECK(parse(bytes, "f", {.columns = {"x", "y", "z"}}).points.cols() == 3);
    }
  }
}

TEST_CASE("columns that are called as axes are written on these") {
  const Points points{{1, 2}, {3, 0}};
  for (const CloudFormat format : {CloudFormat::ply, CloudFormat::pcd}) {
    const auto parse = format == CloudFormat::ply ? parse_ply : parse_pcd;
    const auto back = [&](const Names& columns, const ReadOptions& options = {}) {
      return parse(encode_cloud({points, {}, {}, columns}, format), "f", options);
    };
    CHECK(back({"y", "x"}).points == Points{{2, 1}, {0, 3}});
    CHECK(back({"y", "x"}).columns == Names{"x", "y"});
    CHECK(back({"Z", "X"}).points == Points{{2, 1}, {0, 3}});
    CHECK(back({"Z", "X"}).columns == Names{"x", "z"});
    CHECK(back({"z", "y"}).columns == Names{"y", "z"});
    CHECK(back({"z", "y"}, {.columns = {"x", "y", "z"}}).points == Points{{0, 2, 1}, {0, 0, 3}});
    // Other names are none of axes: in their order.
    for (const Names& others : {Names{"y", "t"}, Names{"x", "x"}, Names{"", "y"}, Names{"xy", "z"}})
      CHECK(back(others).points == points);
  }
  // A comment counts where the numbers say the same.
  const std::string head = "ply\nformat ascii 1.0\ncomment axes xz, the other coordinates are 0\n";
  const std::string fields =
      "element vertex 1\nproperty float x\nproperty float y\nproperty float z\nend_header\n";
  CHECK(parse_ply(head + fields + "1 0 3\n", "f").points == Points{{1, 3}});
  CHECK(parse_ply(head + fields + "1 2 3\n", "f").points == Points{{1, 2, 3}});
}

TEST_CASE("columns are put in the order of other names, exactly or without regard to case") {
  using Places = std::vector<Index>;
  CHECK(places_of({"x", "y", "z"}, {"z", "x", "y"}) == Places{1, 2, 0});
  CHECK(places_of({"x", "y"}, {"Y", "X"}) == Places{1, 0});
  CHECK(places_of({"x", "X"}, {"X", "x"}) == Places{1, 0});
  for (const Names& same : {Names{"x", "y"}, Names{"X", "Y"}, Names{"x", "x"}, Names{"y"},
                            Names{"y", "x", "z"}, Names{"y", "z"}, Names{}})
    CHECK(places_of({"x", "y"}, same).empty());
  CHECK(places_of({"x", "X"}, {"x", "x"}).empty());
  CHECK(places_of({"y", "x", "x"}, {"x", "y", "z"}).empty());
  CHECK(places_of({"y", "x", "X"}, {"x", "y", "z"}).empty());
  CHECK(places_of({"y", "x", "z"}, {"x", "y", "y"}).empty());
  Cloud cloud{Points{{1, 2}, {3, 4}}, {}, {}, {"Y", "X"}};
  CHECK(put_in_order({"x", "y"}, cloud));
  CHECK(cloud.points == Points{{2, 1}, {4, 3}});
  CHECK(cloud.columns == Names{"X", "Y"});
  CHECK(!put_in_order({"x", "y"}, cloud));
  cloud = {Points{{1, 2, 3}}, {}, {}, {"y", "x"}};  // names that do not fit are none
  CHECK(!put_in_order({"x", "y"}, cloud));
  CHECK(cloud.points.cols() == 3);
}

TEST_CASE("names of fields are written without blanks") {
  Cloud cloud = parse_ply(
      "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float r\nend_header\n1 "
      "2\n",
      "f", {.columns = {"r"}});
  cloud.columns = {"my red"};
  CHECK(parse_ply(encode_cloud(cloud, CloudFormat::ply), "f", {.columns = {"my_red"}}).points ==
        Points{{2}});
}

TEST_CASE("axes keep their names where others are attributes") {
  const std::string head = "ply\nformat ascii 1.0\nelement vertex 1\n";
  // y is not there: x and z are the coordinates, and come back as two.
  const Cloud gap = parse_ply(head + "property float x\nproperty short z\nend_header\n1 2\n", "f");
  CHECK(gap.points == Points{{1, 2}});
  CHECK(parse_ply(encode_cloud(gap, CloudFormat::ply), "f").points == gap.points);
  // One axis of three, in capitals too: the others are written beside it.
  for (const char* axes : {"xyz", "XYZ"}) {
    std::string text = head;
    for (int c = 0; c < 3; ++c) text += std::string("property float ") + axes[c] + "\n";
    const ReadOptions last{.columns = {"z"}};
    const Cloud cloud = parse_ply(text + "end_header\n1 2 3\n", "f", last);
    const std::string written = encode_cloud(cloud, CloudFormat::ply);
    CHECK(parse_ply(written, "f", last).points == Points{{3}});
    CHECK(parse_ply(written, "f").points == Points{{1, 2, 3}});
  }
  // Of several weights, the one that was chosen.
  const Cloud weighted =
      parse_ply(head + "property float x\nproperty float w\nproperty float m\nend_header\n1 2 3\n",
                "f", {.weight_column = "m"});
  CHECK(parse_ply(encode_cloud(weighted, CloudFormat::ply), "f").weights == Vector{{3.0}});
}

TEST_CASE("a PCD header may be as long as its fields") {
  std::string fields = "FIELDS x", sizes = "SIZE 4", types = "TYPE F", numbers = "1";
  for (int k = 0; k < 1200; ++k) {
    fields += " descriptor_" + std::to_string(k);
    sizes += " 4";
    types += " F";
    numbers += " " + std::to_string(k);
  }
  const std::string rest =
      "\n" + sizes + "\n" + types + "\nWIDTH 1\nHEIGHT 1\nDATA ascii\n" + numbers + "\n";
  const Cloud cloud = parse_pcd(fields + rest, "f");
  CHECK(cloud.attributes.size() == 1200);
  CHECK(parse_pcd(encode_cloud(cloud, CloudFormat::pcd), "f").attributes.size() == 1200);
  // Names as long as other formats have them, but not so long that a small header fills the memory.
  const std::string one = "\nSIZE 4 4\nTYPE F F\nCOUNT 1 2\nWIDTH 1\nHEIGHT 1\nDATA ascii\n1 2 3\n";
  const Cloud named = parse_pcd("FIELDS x " + std::string(499'991, 'a') + one, "f");
  CHECK(parse_pcd(encode_cloud(named, CloudFormat::pcd), "f").attributes.size() == 2);
  CHECK(refusal([&] { parse_pcd("FIELDS x " + std::string(499'997, 'a') + one, "f"); }) ==
        "f: has field names of more than a million bytes");
}

TEST_CASE("a PLY header may start with a byte order mark") {
  CHECK(parse_ply("\xEF\xBB\xBFply\nformat ascii 1.0\nelement vertex 1\nproperty float x\n"
                  "end_header\n5\n",
                  "f")
            .points == Points{{5}});
}

TEST_CASE("PCD reads text and bytes, fields of several numbers, and gaps") {
  const std::string head = "# .PCD v0.7\nVERSION 0.7\nFIELDS x y _ n\nSIZE 4 4 1 8\n";
  std::string body;
  for (const float value : {1.0F, 2.0F}) body.append(reinterpret_cast<const char*>(&value), 4);
  body += "zz";
  for (const double value : {0.5, -0.5}) body.append(reinterpret_cast<const char*>(&value), 8);
  const std::string binary =
      head + "TYPE F F U F\nCOUNT 1 1 2 2\nWIDTH 1\nHEIGHT 1\nPOINTS 1\nDATA binary\n";
  const Cloud cloud = parse_pcd(binary + body, "f");
  CHECK(cloud.points == Points{{1, 2}});
  REQUIRE(cloud.attributes.size() == 2);
  CHECK(cloud.attributes[1].name == "n_1");
  CHECK(cloud.single_precision);
  for (std::size_t size = 0; size < body.size(); ++size)
    CHECK(refusal([&] { parse_pcd(binary + body.substr(0, size), "f"); }) != "accepted");
  const std::string ascii =
      "FIELDS x y\nSIZE 4 8\nTYPE F I\nWIDTH 1\nHEIGHT 2\nDATA ascii\n1.5 2\r\n -3 4";
  CHECK(parse_pcd(ascii, "f").points == Points{{1.5, 2}, {-3, 4}});
  // Lines between the points, and words of gaps, as the Point Cloud Library passes over them.
  CHECK(parse_pcd(head +
                      "TYPE F F U F\nCOUNT 1 1 3 1\nWIDTH 2\nHEIGHT 1\nDATA ascii\n\n1 2 0 nan 0 "
                      "0.5\n\r\n \n3 4 0 0 0 0.25",
                  "f")
            .points == Points{{1, 2}, {3, 4}});
  CHECK(refusal([&] { parse_pcd(ascii.substr(0, ascii.size() - 5), "f"); }) ==
        "f: ends before the points it declares");
  CHECK(refusal([&] { parse_pcd(ascii + " 5\n", "f"); }) ==
        "f:8: has more numbers than the header has fields");
  CHECK(refusal([&] { parse_pcd(ascii.substr(0, ascii.size() - 1), "f"); }) ==
        "f:8: has fewer numbers than the header has fields");
  // No width of one kind is a type of another.
  for (const std::string size : {"1", "3", "11", "18", "28", "99"}) {
    CHECK(refusal([&] {
            parse_pcd("FIELDS x\nSIZE " + size + "\nTYPE F\nWIDTH 1\nHEIGHT 1\nDATA ascii\n1", "f");
          }) == "f: field x has an unknown type");
  }
  CHECK(refusal([&] {
          parse_pcd("FIELDS x\nSIZE 4\nTYPE F\nWIDTH 1\nHEIGHT 1\nDATA binary_compressed\n", "f");
        }) == "f:6: DATA binary_compressed is not read; save it as binary or ascii");
  CHECK(refusal([&] {
          parse_pcd("FIELDS x\nSIZE 4\nTYPE F\nWIDTH 999999999\nHEIGHT 999999999\nDATA binary\nab",
                    "f");
        }).ends_with("but 2 bytes follow"));
}

TEST_CASE("NPZ reads what NumPy writes, stored or deflated") {
  const Cloud cloud = read_cloud(data_file("numpy.npz"));
  CHECK(cloud.points == Points{{0.5, 0.25}, {-1.0, 3.0}, {2.0, 1e-3}});
  CHECK(cloud.weights == Vector{{0.25, 0.25, 0.5}});
  CHECK(cloud.ignored == Names{"labels"});
  const Cloud single = read_cloud(data_file("numpy_deflated.npz"));
  CHECK(single.points(2, 1) == static_cast<double>(1e-3F));
  CHECK(single.notes.size() == 1);  // its array is called arr_0
  const std::string bytes = encode_cloud(cloud, CloudFormat::npz);
  CHECK(bytes == encode_cloud(cloud, CloudFormat::npz));
  const Cloud back = parse_npz(bytes, "f");
  CHECK(back.points == cloud.points);
  CHECK(back.weights == cloud.weights);
  CHECK(back.notes.empty());
  CHECK(refusal([&] { parse_npz(bytes.substr(0, bytes.size() / 2), "f"); }) ==
        "f: is not an NPZ file, a ZIP archive of arrays");
  std::string damaged = bytes;
  damaged[200] = static_cast<char>(damaged[200] ^ 1);
  CHECK(refusal([&] { parse_npz(damaged, "f"); }) != "accepted");
  CHECK(refusal([&] {
          parse_npz(bytes, "f", {.weight_column = "v"});
        }).starts_with("f: --weight-column v: is no array"));
}

TEST_CASE("NPZ finds points and weights under the names of scikit-learn and POT, or asks") {
  // numpy_named.npz: X (3, 2), a = [0.25, 0.25, 0.5], b = [1, 2, 3], y = [0, 1, 0], and texts;
  // numpy_two.npz: xs (2, 2), xt (3, 2), a and b uniform over them.
  const Cloud cloud = read_cloud(data_file("numpy_named.npz"));
  CHECK(cloud.points == Points{{0.5, 0.25}, {-1.0, 3.0}, {2.0, 1e-3}});
  CHECK(cloud.weights == Vector{{0.25, 0.25, 0.5}});
  CHECK(cloud.ignored == Names{"b", "names", "y"});
  CHECK(cloud.notes.at(0).ends_with(
      "dimension 2 (x0, x1), weights from a, ignored: b, names, y; points from X"));
  CHECK(read_cloud(data_file("numpy_named.npz"), {.weight_column = "b"}).weights ==
        Vector{{1, 2, 3}});
  CHECK(
      refusal([] { read_cloud(data_file("numpy_two.npz")); })
          .ends_with("has no array \"points\", and several that may be meant: xs, xt; keep one of "
                     "them, or call it \"points\""));
}

TEST_CASE("a structured NPY array is read by its fields") {
  const Cloud cloud = read_cloud(data_file("numpy_structured.npy"));
  CHECK(cloud.points == Points{{1, 0.1}, {2, -4}});
  CHECK(cloud.weights == Vector{{0.5, 1.5}});
  CHECK(cloud.attributes.size() == 3);
  CHECK(cloud.attributes[2].bytes == "\x03\x06");
  CHECK(cloud.ignored == Names{"tag"});
}

TEST_CASE("NPY records leave out dates, texts, complex numbers and records, and say so") {
  // numpy.zeros(2, [('x', 'f8'), ('t', 'M8[ns]'), ('q', [('p', 'f4'), ('d', 'm8[D]', (2,))]),
  //                 ('c', 'c8'), ('l', 'f16'), ('y', 'f4')]), whose x and y are set below.
  const std::string header =
      "{'descr': [('x', '<f8'), ('t', '<M8[ns]'), ('q', [('p', '<f4'), ('d', '<m8[D]', (2,))]), "
      "('c', '<c8'), ('l', '<f16'), ('y', '<f4')], 'fortran_order': False, 'shape': (2,), }\n";
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size());
  bytes += std::string(1, '\0') + header;
  for (const double value : {0.1, -2.0}) {
    const auto y = static_cast<float>(2.0 * value);
    bytes.append(reinterpret_cast<const char*>(&value), 8);
    bytes += std::string(8 + 20 + 8 + 16, '\x7f');
    bytes.append(reinterpret_cast<const char*>(&y), 4);
  }
  const Cloud cloud = parse_npy(bytes, "f");
  CHECK(cloud.points == Points{{0.1, static_cast<double>(0.2F)}, {-2, -4}});
  CHECK(cloud.ignored == Names{"t", "q", "c", "l"});
  CHECK(cloud.notes ==
        Names{"f: 2 points, dimension 2 (x, y), weights uniform, ignored: t, q, c, l"});
  const auto refused = [](const std::string& type) {
    const std::string head =
        "{'descr': [('x', '<f8'), ('o', " + type + ")], 'fortran_order': False, 'shape': (1,), }\n";
    std::string file("\x93NUMPY\x01\x00", 8);
    file += static_cast<char>(head.size() & 0xff);
    file += static_cast<char>(head.size() >> 8);
    return refusal([&] { parse_npy(file + head + std::string(16, '\0'), "f"); });
  };
  CHECK(refused("'|O'") == "f: NPY header: a field holds Python objects, which are not read");
  CHECK(refused("'<M8[ns'").ends_with("is of an unknown size"));
  CHECK(refused("'|S8', (1000000000000, 1000000000000)").ends_with("64 KiB in each record"));
  std::string nested = "'<f8'";
  for (int depth = 0; depth < 40; ++depth) nested = "[('a', " + nested + ")]";
  CHECK(refused(nested) == "f: NPY header: records are nested more than 16 times");
}

TEST_CASE("NPY records without a number are no points, whatever their bytes say") {
  for (const std::string type : {"('', '|V4')", "('a', '|S4')"}) {
    const std::string header =
        "{'descr': [" + type + "], 'fortran_order': False, 'shape': (2,), }\n";
    std::string bytes("\x93NUMPY\x01\x00", 8);
    bytes += static_cast<char>(header.size());
    bytes += std::string(1, '\0') + header + "abcdefgh";
    CHECK(refusal([&] { parse_npy(bytes, "f"); }).starts_with("f: has no field x"));
  }
}

TEST_CASE("an extension says what a file is, wherever it lies; names may be there twice") {
  CHECK(is_stream("-"));
  CHECK(is_stream("/dev/fd/63"));
  CHECK(!is_stream("/dev/shm/cloud.ply"));
  CHECK(!is_stream("cloud.csv"));
  CHECK(parse_csv("x,x\n1,2\n", "f").points == Points{{1, 2}});
}

TEST_CASE("NPY of half precision") {
  // numpy.array([0.1, -2.5, 6e-8, 65504], dtype='f2')
  std::string header = "{'descr': '<f2', 'fortran_order': False, 'shape': (4,), }\n";
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size());
  bytes += '\0';
  const std::string data("\x66\x2e\x00\xc1\x01\x00\xff\x7b", 8);
  CHECK(parse_npy(bytes + header + data, "f").points ==
        Points{{0.0999755859375}, {-2.5}, {5.960464477539063e-08}, {65504}});
  const std::string infinite("\x00\x7c\x00\xc1\x01\x00\xff\x7b", 8);
  CHECK(refusal([&] { parse_npy(bytes + header + infinite, "f"); }).ends_with("must be finite"));
}

TEST_CASE("rows of a cloud take all that belongs to them") {
  Cloud cloud = read_cloud(data_file("numpy_structured.npy"));
  cloud.ids = {"a", "b"};
  const Cloud some = rows_of(cloud, {1});
  CHECK(some.points == Points{{2, -4}});
  CHECK(some.weights == Vector{{1.5}});
  CHECK(some.ids == Names{"b"});
  CHECK(some.attributes[0].bytes == "\x04");
}

TEST_CASE("paths are read back as they were written, from either order of an array") {
  const testing::Folder folder;
  const Cloud start{Points{{0, 1}, {2, 3}, {4, 5}}, {}, {}, {}};
  const Paths paths{{0.0, 1.0}, {start.points, Points{{6, 7}, {8, 9}, {10, 11}}}};
  write_paths(paths, start, folder / "p.npy");
  const std::string bytes = read_file(folder / "p.npy");
  const auto slices = parse_npy_slices(bytes, "p");
  REQUIRE(slices.has_value());
  CHECK(*slices == paths.at);
  CHECK(refusal([&] { parse_npy(bytes, "p"); }).starts_with("p: must have one or two dimensions"));
  // numpy.asfortranarray of the same: the first axis is the fastest.
  std::string fortran = bytes;
  fortran.replace(fortran.find("False"), 5, "True ");
  const double swapped[] = {0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11};
  std::memcpy(fortran.data() + fortran.size() - sizeof swapped, swapped, sizeof swapped);
  CHECK(parse_npy_slices(fortran, "p") == slices);
  // A cloud is none.
  write_cloud(start, folder / "c.npy");
  CHECK_FALSE(parse_npy_slices(read_file(folder / "c.npy"), "c").has_value());
  // The last number no number, or not there.
  std::string damaged = bytes;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::memcpy(damaged.data() + damaged.size() - sizeof nan, &nan, sizeof nan);
  CHECK(refusal([&] { parse_npy_slices(damaged, "p"); }) ==
        "p: time 1, row 2, coordinate 1: must be finite");
  CHECK(refusal([&] { parse_npy_slices(bytes.substr(0, bytes.size() - 8), "p"); }) ==
        "p: claims 2 x 6 numbers of 8 bytes, but 88 bytes follow");
}

TEST_CASE("a format without room for so many coordinates is told before anything is written") {
  for (const char* path : {"a.csv", "a.npy", "a.npz", "-"}) CHECK_NOTHROW(check_room(path, 4));
  for (const char* path : {"a.ply", "a.PCD"}) {
    CHECK_NOTHROW(check_room(path, 3));
    CHECK(refusal([&] { check_room(path, 4); }) ==
          std::string(path) + ": holds at most 3 coordinates, the points have 4");
  }
}

TEST_CASE("an ascii PLY file has each vertex on a line of its own") {
  const std::string head =
      "ply\nformat ascii 1.0\nelement vertex 2\nproperty float x\nproperty float y\nend_header\n";
  CHECK(parse_ply(head + "1 2\r\n\n  4 5 ", "f").points == Points{{1, 2}, {4, 5}});
  CHECK(refusal([&] { parse_ply(head + "1 2 255\n4 5 255\n", "f"); }) ==
        "f: byte " + std::to_string(head.size() + 4) +
            ": the line has more numbers than its element has properties");
  CHECK(refusal([&] { parse_ply(head + "1\n4 5\n6\n", "f"); }) ==
        "f: byte " + std::to_string(head.size() + 1) +
            ": the line has fewer numbers than its element has properties");
}
