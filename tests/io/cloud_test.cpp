#include "otbridge/io/cloud.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <limits>
#include <locale>

#include "otbridge/core/error.hpp"
#include "otbridge/core/random.hpp"
#include "otbridge/io/json.hpp"

using namespace otbridge;

namespace {

std::string refusal_of(Cloud (*parse)(const std::string&, const std::string&, const ReadOptions&),
                       const std::string& bytes, const ReadOptions& options = {}) {
  try {
    parse(bytes, "f", options);
  } catch (const InvalidInput& error) {
    return error.what();
  }
  return "accepted";
}

std::string npy(const std::string& dictionary, const std::string& data) {
  std::string header = dictionary + "\n";
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header + data;
}

std::string raw(const std::vector<double>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)};
}

}  // namespace

TEST_CASE("CSV keeps names, ids, weights and every bit of the numbers") {
  const std::string text =
      "id,east,\"north, "
      "true\",weight\n\"a,b\",0.1,-1e-300,2\nc,1.7976931348623157e+308,5e-324,0.5\n";
  const Cloud cloud = parse_csv(text, "f");
  CHECK(cloud.ids == std::vector<std::string>{"a,b", "c"});
  CHECK(cloud.columns == std::vector<std::string>{"east", "north, true"});
  CHECK(cloud.points(0, 0) == 0.1);
  CHECK(cloud.points(1, 1) == std::numeric_limits<double>::denorm_min());
  CHECK(cloud.weights[1] == 0.5);
  CHECK(encode_cloud(cloud, CloudFormat::csv) == text);
}

TEST_CASE("CSV keeps texts whose ends look like what surrounds a field") {
  Cloud cloud;
  cloud.points = Points::Ones(1, 2);
  cloud.columns = {
      "\xEF\xBB\xBF"
      "x",
      "\ty "};
  cloud.ids = {"\t"};
  CHECK(parse_csv(encode_cloud(cloud, CloudFormat::csv), "f").ids == cloud.ids);
  cloud.ids.clear();
  CHECK(parse_csv(encode_cloud(cloud, CloudFormat::csv), "f").columns == cloud.columns);
}

TEST_CASE("CSV tolerates a byte order mark, CRLF, blank lines, and a first line of numbers") {
  CHECK(parse_csv("\xEF\xBB\xBFx,y\r\n1,2\r\n\r\n", "f").points.rows() == 1);
  const Cloud bare = parse_csv("1,2\n3,4\n", "f");
  CHECK(bare.points(0, 1) == 2.0);
  CHECK(bare.columns.empty());
}

TEST_CASE("CSV takes columns by their names, wherever they stand and in any case") {
  const Cloud a = parse_csv("X,Weight,Y\n0,1,4\n2,3,5\n", "f");
  CHECK(a.columns == std::vector<std::string>{"X", "Y"});
  CHECK(a.points(1, 1) == 5.0);
  CHECK(a.weights == Vector{{1.0, 3.0}});
  CHECK(a.notes ==
        std::vector<std::string>{"f: 2 points, dimension 2 (X, Y), weights from Weight"});
  const Cloud b = parse_csv("x,mass,ID\n0,1,#17\n", "f");
  CHECK(b.ids == std::vector<std::string>{"#17"});
  CHECK(b.points.cols() == 1);
  CHECK(parse_csv("id,x,weight\n#a,1,1\n", "f").ids == std::vector<std::string>{"#a"});
  CHECK(parse_csv("id,x,weight\na,1,1\n", "f").notes.empty());
}

TEST_CASE("CSV as pandas and R write it: an index without a name is no coordinate") {
  for (const std::string text :
       {",u,v\n0,0.5,0.25\n1,0.75,0.5\n", "\"\",\"u\",\"v\"\n\"0\",0.5,0.25\n\"1\",0.75,0.5\n",
        "Unnamed: 0,u,v\n0,0.5,0.25\n1,0.75,0.5\n", "\tu\tv\n0\t0.5\t0.25\n1\t0.75\t0.5\n",
        ",0,1\n0,0.5,0.25\n1,0.75,0.5\n"}) {
    CAPTURE(text);
    const Cloud cloud = parse_csv(text, "f");
    CHECK(cloud.ids == std::vector<std::string>{"0", "1"});
    CHECK(cloud.points == Points{{0.5, 0.25}, {0.75, 0.5}});
    CHECK(cloud.notes.size() == 1);
  }
  CHECK(parse_csv(",x\nMazda RX4,1\n", "f").ids == std::vector<std::string>{"Mazda RX4"});
  // A coordinate whose name was forgotten.
  CHECK(refusal_of(parse_csv, ",y\n0.5,1\n") == "f:2: column 1: has no name, and is no index");
}

TEST_CASE("CSV tells a header of column numbers from a point, or asks") {
  const Cloud cloud = parse_csv("0,1\n0.5,0.25\n0.75,0.5\n", "f");
  CHECK(cloud.points == Points{{0.5, 0.25}, {0.75, 0.5}});
  CHECK(cloud.columns.empty());
  CHECK(cloud.notes.size() == 1);
  // A point of whole numbers among others.
  for (const std::string text : {"0,1\n5,3\n", "0,1\n0.5,0.25\n-1,2\n"})
    CHECK(parse_csv(text, "f").notes.at(0).ends_with("the first line is taken for a point"));
  CHECK(parse_csv("0.0,1.0\n0.5,0.25\n", "f").points.rows() == 2);
  CHECK(parse_csv("0,0\n0.5,0.25\n", "f").points.rows() == 2);
  CHECK(parse_csv("1,2\n0.5,0.25\n", "f").points.rows() == 2);
  // One column of numbers from 0 on is a list, and where it may be a frame the note says so.
  CHECK(parse_csv("0\n1\n2\n", "f").notes.empty());
  CHECK(parse_csv("0\n0.5\n0.75\n", "f").points.rows() == 3);
  CHECK(parse_csv("0\n0.5\n0.75\n", "f").notes.size() == 1);
  // Beside other numbers than those of columns, only the names of an id or a weight make a header.
  CHECK(refusal_of(parse_csv, "0 ,1\n0 4096\n").starts_with("f:1: column x1 = ,1: must be"));
  const Cloud chosen = parse_csv("0,id\n0.5,4\n", "f", {.columns = {"0", "id"}});
  CHECK(chosen.points == Points{{0.5, 4}});
  CHECK(chosen.columns.empty());  // of which one is a number
}

TEST_CASE("CSV takes no point for a header") {
  CHECK(refusal_of(parse_csv, "NA,1\n2,3\n") ==
        "f:1: column x0 = NA: must be a number; a value that is missing cannot be read");
  CHECK(refusal_of(parse_csv, "1,null\n2,3\n").starts_with("f:1: column x1 = null"));
  CHECK(refusal_of(parse_csv, "oops,1\n2,3\n") == "f:1: column x0 = oops: must be a number");
  CHECK(refusal_of(parse_csv, "1.5.2,1\n2,3\n").starts_with("f:1: column x0 = 1.5.2"));
  CHECK(refusal_of(parse_csv, "x,y\n2,NaN\n").ends_with("must be finite"));
  // Nor where no field of the line is a number that can be read.
  for (const std::string line :
       {"1,5;2,5", "<NA>;<NA>", "#DIV/0!;#N/A", "1.000.000;2.000.000", "1 000;2 000", "1'000;2'000",
        "1.5D+00;2.5d0", "0x1F;0xa0", "-1.#IND;1.#QNAN", ".;.", "--;--", "n.a.;n.a.", "\\N;\\N",
        ",5;,5", "x;1,5"}) {
    CAPTURE(line);
    CHECK(refusal_of(parse_csv, line + "\n3;4\n").starts_with("f:1: column x0 = "));
  }
  // Names may begin with digits, and hold dates.
  for (const std::string line :
       {"0h;24h", "2020-01-01;2020-01-02", "1st;2nd", "10%;90%", "e5;d5", "1_1;1_2"})
    CHECK(parse_csv(line + "\n3;4\n", "f").points == Points{{3, 4}});
}

TEST_CASE("CSV finds the separator, and names a decimal comma") {
  const Points expected{{1.5, 2.0}, {3.0, 4.25}};
  for (const std::string text :
       {"x;y\n1.5;2\n3;4.25\n", "x\ty\n1.5\t2\n3\t4.25\n", "x y\n1.5 2\n3 4.25\n",
        "sep=;\nx;y\n1.5;2\n3;4.25\n", "# by a scanner, 2 columns; no more\n\n1.5 2\n3 4.25\n",
        "  1.5   2.0 \r\n\t3\t 4.25\r\n", "1.5;2\n3;4.25", "\"x;1\",y\n1.5,2\n#3,3\n3,4.25\n"}) {
    CAPTURE(text);
    const Cloud cloud = parse_csv(text, "f");
    CHECK(cloud.points == expected);
    CHECK(cloud.notes.size() == 1);
  }
  CHECK(parse_csv("# u,v: of a scan\n1,2\n", "f").notes.size() == 1);
  CHECK(parse_csv("# of a scan\n1,2\n", "f").notes.empty());
  CHECK(parse_csv("body height\n1.5\n", "f").columns == std::vector<std::string>{"body height"});
  CHECK(refusal_of(parse_csv, "x;y\n1,5;2,5\n") ==
        "f:2: column x = 1,5: must be a number with a decimal point, not a comma");
  CHECK(refusal_of(parse_csv, "1,5;2,5\n3,5;4,5\n").ends_with("decimal point, not a comma"));
  CHECK(refusal_of(parse_csv, "\xFF\xFEx\0\n") == "f: is UTF-16 text; save it as UTF-8");
}

TEST_CASE("CSV writes no name that would be read as another thing") {
  Cloud cloud;
  cloud.points = Points::Ones(1, 2);
  cloud.columns = {"mass", "y"};
  CHECK(parse_csv(encode_cloud(cloud, CloudFormat::csv), "f").points == cloud.points);
  cloud.columns = {"#x", "a;b"};
  cloud.ids = {"#1"};
  const Cloud back = parse_csv(encode_cloud(cloud, CloudFormat::csv), "f");
  CHECK(back.columns == cloud.columns);
  CHECK(back.ids == cloud.ids);
}

TEST_CASE("CSV reads numbers at the ends of the doubles in any notation") {
  const auto number = [](const std::string& text) {
    return parse_csv("x\n" + text + "\n", "f").points(0, 0);
  };
  const std::string zeros(400, '0');
  CHECK(number("0." + zeros + "1") == 0.0);
  CHECK(number("-0." + zeros + "1e5") == 0.0);
  CHECK(number("0." + zeros + "1e401") == 1.0);
  CHECK(number("1" + zeros + "e-400") == 1.0);
  CHECK(number("1e-99999999999999999999999") == 0.0);
  CHECK(number("0e99999999999999999999999") == 0.0);
  CHECK(number("+17.5E+0") == 17.5);
  for (const std::string& huge : {"1" + zeros, "1" + zeros + "e-5", "-" + zeros + "1e309",
                                  "0." + zeros + "1e999", std::string("1e99999999999999999999")}) {
    CHECK(refusal_of(parse_csv, "x\n" + huge + "\n").ends_with(": must be finite"));
  }
}

TEST_CASE("CSV refuses by line and column") {
  CHECK(refusal_of(parse_csv, "") == "f: has 0 points");
  CHECK(refusal_of(parse_csv, "x,y\n") == "f: has 0 points");
  CHECK(refusal_of(parse_csv, "x,y\n1,2\n3\n") == "f:3: has 1 fields, the first line has 2");
  CHECK(refusal_of(parse_csv, "x,y\n1,2\n3,nan\n") == "f:3: column y = nan: must be finite");
  CHECK(refusal_of(parse_csv, "x,y\n1,-inf\n") == "f:2: column y = -inf: must be finite");
  CHECK(refusal_of(parse_csv, "x,y\n1,1e999\n") == "f:2: column y = 1e999: must be finite");
  CHECK(refusal_of(parse_csv, "x,y\n1,\n") == "f:2: column y = : must be a number");
  CHECK(refusal_of(parse_csv, "x,y\n1,0x10\n") == "f:2: column y = 0x10: must be a number");
  CHECK(refusal_of(parse_csv, "x,y\n1,1,5\n") == "f:2: has 3 fields, the first line has 2");
  CHECK(refusal_of(parse_csv, "x,weight\n1,-1\n") ==
        "f:2: column weight = -1: a weight must be >= 0");
  CHECK(refusal_of(parse_csv, "x,w,weight\n1,1,1\n") ==
        "f:1: columns w and weight both name the weight");
  CHECK(refusal_of(parse_csv, "id,weight\na,1\n") == "f:1: there is no coordinate column");
  CHECK(refusal_of(parse_csv, "x,\n1,2\n") == "f:1: column 2 has no name");
  CHECK(refusal_of(parse_csv, "x,\"y\n1,1\n") == "f:1: a quoted field is not closed");
}

TEST_CASE("NPY reads what NumPy writes, in any order and type") {
  const Cloud c = parse_npy(
      npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", raw({1, 2, 3, 4, 5, 6})),
      "f");
  CHECK(c.points(1, 0) == 4.0);
  const Cloud f = parse_npy(
      npy("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }", raw({1, 2, 3, 4, 5, 6})),
      "f");
  CHECK(f.points(1, 0) == 2.0);
  CHECK(parse_npy(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }", "\x01\x02\xff"),
                  "f")
            .points(2, 0) == 255.0);
  CHECK(parse_npy(npy("{'descr': '>i2', 'fortran_order': False, 'shape': (1,), }",
                      std::string("\x01\x00", 2)),
                  "f")
            .points(0, 0) == 256.0);
  CHECK(parse_npy(encode_cloud(c, CloudFormat::npy), "f").points == c.points);
  // As Python 2 wrote it, in longs.
  CHECK(parse_npy(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2L, 3L), }",
                      raw({1, 2, 3, 4, 5, 6})),
                  "f")
            .points == c.points);
}

TEST_CASE("NPY refuses crafted headers without allocating what they claim") {
  const auto refused = [](const std::string& dictionary) {
    return refusal_of(parse_npy, npy(dictionary, raw({1, 2})));
  };
  CHECK(refused("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000000000, 2), }")
            .find("bytes follow") != std::string::npos);
  CHECK(refused("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }") !=
        "accepted");
  CHECK(refused("{'descr': '<f8', 'fortran_order': False, 'shape': (-2, 1), }") != "accepted");
  CHECK(refused("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 2), }") ==
        "f: has 0 points");
  CHECK(refused("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }") != "accepted");
  CHECK(
      refused("{'descr': [('x', '<f4'), ('n', '<f4', (3,)), ('y', '<f4')], 'fortran_order': False, "
              "'shape': (1,), }") == "f: claims 1 x 1 records of 20 bytes, but 16 bytes follow");
  CHECK(refused("{'descr': [('x', ") != "accepted");
  CHECK(refused("{'descr': '<c16', 'fortran_order': False, 'shape': (1,), }") != "accepted");
  CHECK(refused("{'descr': '<f8', 'shape': (2,), }") != "accepted");
  CHECK(refused("{'descr': '<f8', 'fortran_order': False, 'shape': ((2,),), }") != "accepted");
  CHECK(refused("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)") != "accepted");
  CHECK(refused("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 2), }") != "accepted");
  CHECK(refused("{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (2,), }") !=
        "accepted");
  CHECK(refusal_of(parse_npy, std::string("\x93NUMPY\x02\x00\xf0\xff\xff\xff", 12)) != "accepted");
  CHECK(refusal_of(parse_npy, std::string("\x93NUMPY\x09\x00\x01\x00", 10)) != "accepted");
  const std::string good =
      npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", raw({1, 2}));
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK(refusal_of(parse_npy, good.substr(0, size)) != "accepted");
}

TEST_CASE("PLY reads ascii and both byte orders, skips what is not a coordinate") {
  const std::string ascii =
      "ply\nformat ascii 1.0\ncomment c\nobj_info o\nelement face 1\nproperty list uchar int v\n"
      "element vertex 2\nproperty float x\nproperty uchar red\nproperty float y\nend_header\n3 0 1 "
      "2\n1 9 2\n3 9 4\n";
  const Cloud cloud = parse_ply(ascii, "f");
  CHECK(cloud.points.rows() == 2);
  CHECK(cloud.points.cols() == 2);
  CHECK(cloud.points(1, 1) == 4.0);
  const std::string big =
      "ply\nformat binary_big_endian 1.0\nelement vertex 1\nproperty float x\nend_header\n";
  CHECK(parse_ply(big + std::string("\x3f\x80\x00\x00", 4), "f").points(0, 0) == 1.0);
  Cloud weighted{cloud.points, Vector::Constant(2, 0.25), {}, {}};
  const Cloud back = parse_ply(encode_cloud(weighted, CloudFormat::ply), "f");
  CHECK(back.points == weighted.points);
  CHECK(back.weights == weighted.weights);
}

TEST_CASE("PLY passes over lists of the vertices") {
  const std::string head =
      "element vertex 3\nproperty float x\nproperty list uint8 float32 descriptor\nproperty float "
      "y\nend_header\n";
  const Points expected{{0, 1}, {2, 3}, {4, 5}};
  CHECK(parse_ply("ply\nformat ascii 1.0\n" + head + "0 2 0.5 0.25 1\n2 0 3\n4 1 9 5\n", "f")
            .points == expected);
  std::string body;
  const auto put = [&](float value) { body.append(reinterpret_cast<const char*>(&value), 4); };
  for (int i = 0; i < 3; ++i) {
    put(static_cast<float>(2 * i));
    body += static_cast<char>(i);
    for (int k = 0; k < i; ++k) put(9.0F);
    put(static_cast<float>(2 * i + 1));
  }
  const std::string binary = "ply\nformat binary_little_endian 1.0\n" + head;
  CHECK(parse_ply(binary + body, "f").points == expected);
  for (std::size_t size = 0; size < body.size(); ++size)
    CHECK(refusal_of(parse_ply, binary + body.substr(0, size)) != "accepted");
  CHECK(
      refusal_of(
          parse_ply,
          "ply\nformat ascii 1.0\nelement vertex 1\nproperty list uchar float x\nend_header\n1 2\n")
          .starts_with("f: has no field x"));
}

TEST_CASE("PLY refuses crafted headers and truncation") {
  const auto refused = [](const std::string& text) {
    return refusal_of(parse_ply, text) != "accepted";
  };
  const std::string head = "ply\nformat binary_little_endian 1.0\n";
  CHECK(refused(head +
                "element vertex 1000000000000000000\nproperty double x\nend_header\n12345678"));
  CHECK(refused(head +
                "element vertex 18446744073709551616\nproperty double x\nend_header\n12345678"));
  CHECK(refused(head + "element vertex -1\nproperty double x\nend_header\n"));
  CHECK(refused(head + "element vertex 0\nproperty double x\nend_header\n"));
  CHECK(refused(head + "element vertex 1\nproperty quad x\nend_header\n12345678"));
  CHECK(refused(head + "element vertex 2\nproperty double x\nend_header\n12345678"));
  CHECK(refused(head + "element vertex 1\nproperty double y\nend_header\n12345678"));
  CHECK(refused(head + "element face 1\nproperty list char int v\nelement vertex 1\nproperty char "
                       "x\nend_header\n\xff\x01"));
  CHECK(
      refused("ply\nformat ascii 1.0\nelement face 1\nproperty list float int v\nelement vertex 1\n"
              "property float x\nend_header\n1.5 7 8 9\n"));
  CHECK(refused("ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\nnan\n"));
  CHECK(refused("ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\n"));
  CHECK(refused("ply\rformat ascii 1.0\rend_header\r"));
}

TEST_CASE("the locale of the program changes no number") {
  struct Grouped : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };
  const Cloud cloud{normal_points(1234, 2, RandomStream(5)) * 1e4, {}, {}, {}};
  const auto texts = [&] {
    std::string all;
    for (const auto format : {CloudFormat::csv, CloudFormat::npy, CloudFormat::ply}) {
      const std::string bytes = encode_cloud(cloud, format);
      const auto parse = format == CloudFormat::csv   ? parse_csv
                         : format == CloudFormat::npy ? parse_npy
                                                      : parse_ply;
      CHECK(parse(bytes, "f", {}).points == cloud.points);
      all += bytes;
    }
    return all + parse_json("[1234567.5, 0.1, 123456]", "f").dump();
  };
  const std::string before = texts();
  const std::locale classic = std::locale::global(std::locale(std::locale::classic(), new Grouped));
  const std::string grouped = texts();
  std::locale::global(classic);
  CHECK((grouped == before));
}
