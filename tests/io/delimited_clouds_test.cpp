// Clouds in delimited text: roles of columns, files of scanners, tables of other programs.
#include <doctest/doctest.h>

#include "folder.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/cloud.hpp"
#include "refusal.hpp"

using namespace otbridge;
using testing::refusal;

namespace {

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("options say which columns are what, in any case and order") {
  const std::string text = "name,X,y,charge,m\nfirst,1,2,9,0.5\nsecond,3,4,8,1.5\n";
  const Cloud cloud =
      parse_csv(text, "f", {.columns = {"y", "x"}, .weight_column = "m", .id_column = "name"});
  CHECK(cloud.points == Points{{2, 1}, {4, 3}});
  CHECK(cloud.columns == Names{"y", "X"});
  CHECK(cloud.weights == Vector{{0.5, 1.5}});
  CHECK(cloud.ids == Names{"first", "second"});
  CHECK(cloud.weights_from == "m");
  CHECK(cloud.ignored == Names{"charge"});
  CHECK(cloud.notes ==
        Names{"f: 2 points, dimension 2 (y, X), weights from m, ignored: charge; ids from name"});
  const auto with = [&](const ReadOptions& options) {
    return refusal([&] { parse_csv(text, "f", options); });
  };
  CHECK(with({.columns = {"X", "z"}}).starts_with("f:1: --columns z: is no column"));
  CHECK(with({.columns = {"X", "X"}}) == "f:1: --columns X: has another role already");
  CHECK(with({.columns = {"X"}, .weight_column = "x"}) ==
        "f:1: --columns X: has another role already");
  CHECK(with({}) == "f:2: column name = first: must be a number (--columns names those to read)");
  // Without a header columns have numbers.
  CHECK(parse_csv("1,2,3\n4,5,6\n", "f", {.columns = {"x2", "x0"}}).points ==
        Points{{3, 1}, {6, 4}});
  // A role that is given away leaves the column that has its name out.
  CHECK(parse_csv("x,weight,w2\n1,2,3\n", "f", {.weight_column = "w2"}).ignored == Names{"weight"});
}

TEST_CASE("what scanners measure beside x and y is no coordinate of a table") {
  const Cloud scan = parse_csv("x,y,z,Intensity,R\n1,2,3,99,7\n", "f");
  CHECK(scan.points == Points{{1, 2, 3}});
  CHECK(scan.notes == Names{"f: 1 points, dimension 3 (x, y, z), weights uniform, "
                            "ignored: Intensity, R"});
  // Colours by themselves are.
  CHECK(parse_csv("r,g,b\n1,2,3\n", "f").points == Points{{1, 2, 3}});
  CHECK(parse_csv("x,y,u\n1,2,3\n", "f").points.cols() == 3);
}

TEST_CASE("files of scanners hold positions first, perhaps below their number") {
  const Cloud pts = parse_csv("2\n1 2 3 -7 255 0 0\n4 5 6 -8 0 255 0\n", "f.pts");
  CHECK(pts.points == Points{{1, 2, 3}, {4, 5, 6}});
  CHECK(pts.columns == Names{"x", "y", "z"});
  CHECK(pts.ignored.size() == 4);
  CHECK(refusal([] { parse_csv("3\n1 2 3\n4 5 6\n", "f.pts"); }) ==
        "f.pts: declares 3 points, but 2 lines follow");
  CHECK(refusal([] { parse_csv("2\n1 2 3\n4 x 6\n", "f.xyz"); }) ==
        "f.xyz:3: column y = x: must be a number");
  CHECK(parse_csv("5\n6\n", "f.xyz").points == Points{{5}, {6}});
  // On the line too: a .pts begins with its count, wherever a mark, comments and blank lines stand.
  const Points line{{5.5}, {6}};
  for (const std::string count : {"2\n", " 2 \r\n",
                                  "\xEF\xBB\xBF"
                                  "2\n",
                                  "# scan\n\n2\n\n", "2\r"})
    CHECK(parse_csv(count + "5.5\n6\n", "f.pts").points == line);
  CHECK(parse_csv("\xEF\xBB\xBF"
                  "2\n\n1 2 3\n4 5 6\n",
                  "f.xyz")
            .points == pts.points);
  CHECK(parse_csv(encode_cloud({line, {}, {}, {}}, CloudFormat::csv, "g.pts"), "g.pts").points ==
        line);
  CHECK(parse_csv("5.5\n6\n", "f.pts").points == line);
  CHECK(refusal([] { parse_csv("3\n5\n6\n", "f.pts"); }) ==
        "f.pts: declares 3 points, but 2 lines follow");
  CHECK(refusal([] { parse_csv("3\n", "f.pts"); }) ==
        "f.pts: declares 3 points, but 0 lines follow");
  CHECK(refusal([] { parse_csv("3\n1 2 3\n4 5 6\n5 x 6", "f.pts"); }) ==
        "f.pts:4: column y = x: must be a number");
  CHECK(parse_csv("1 2 3 9\n", "f.asc").points == Points{{1, 2, 3}});
  const Cloud back = parse_csv(encode_cloud(pts, CloudFormat::csv, "g.pts"), "g.pts");
  CHECK(back.points == pts.points);
  CHECK(encode_cloud(pts, CloudFormat::csv, "g.xyz") == "1 2 3\n4 5 6\n");
  CHECK(encode_cloud(pts, CloudFormat::csv, "g.TSV") == "x\ty\tz\n1\t2\t3\n4\t5\t6\n");
}

TEST_CASE("ids keep separators, quotes and line ends, or hold nothing") {
  Cloud cloud{Points{{1}, {2}, {3}, {4}, {5}},
              Vector::Ones(5),
              {"a b", "", "a\tb", "a,b;c", "\"a\"\nb"},
              {"x\ty"}};
  for (const char* name : {"f.txt", "f.dat", "f.tsv", "f.csv"}) {
    const Cloud back = parse_csv(encode_cloud(cloud, CloudFormat::csv, name), name);
    CHECK(back.ids == cloud.ids);
    CHECK(back.columns == cloud.columns);
    CHECK(back.points == cloud.points);
    CHECK(back.weights == cloud.weights);
  }
}

TEST_CASE("tables as other programs write them, or the reason why not") {
  const auto points = [](const std::string& text, const char* name = "f.csv") {
    return parse_csv(text, name).points;
  };
  // R: a header that is one field shorter than the rows, which begin with their names.
  const Cloud r = parse_csv("\"x\" \"y\"\n\"1\" 1.5 2.25\n\"2\" 4.5 -5.25\n", "f.txt");
  CHECK(r.points == Points{{1.5, 2.25}, {4.5, -5.25}});
  CHECK(r.ids == Names{"1", "2"});
  CHECK(points("\"x\"\n\"a\",1\n\"b\",2\n") == Points{{1}, {2}});
  CHECK(points("x y\n1 1.5 2\n2 3.5 4\n") == Points{{1.5, 2}, {3.5, 4}});
  CHECK(refusal([&] { points("x,y\n\"0\".5,2\n"); }) ==
        "f.csv:2: text stands behind the closing quote of \"0\"");
  CHECK(refusal([&] { points("x,y\n#N/A,2\n3,4\n"); }) ==
        "f.csv:2: column x = #N/A: must be a number; a value that is missing cannot be read");
  CHECK(refusal([&] { points("x,y\n3,4\n#DIV/0!,2\n"); }).starts_with("f.csv:3: column x"));
  CHECK(refusal([&] { points("x,y\n+-5,2\n"); }) == "f.csv:2: column x = +-5: must be a number");
  CHECK(points("# 5\" bore\n1 2\n3 4\n") == Points{{1, 2}, {3, 4}});
  CHECK(points("//X,Y,Z,R,G,B\n1,2,3,9,9,9\n4,5,6,9,9,9\n") == Points{{1, 2, 3}, {4, 5, 6}});
  CHECK(points("x,y,time,ReturnNumber\n1,2,3,4\n") == Points{{1, 2}});
  // An index for each time that a table was saved; a name of the point before any index.
  CHECK(points("Unnamed: 0.1,Unnamed: 0,x\n0,0,1.5\n1,1,2.5\n") == Points{{1.5}, {2.5}});
  CHECK(parse_csv(",id,x\n0,a,1.5\n1,b,2.5\n", "f.csv").ids == Names{"a", "b"});
  // Files of scans have no column numbers: their first point may be 0 1 2.
  CHECK(points("3\n0 1 2\n3.5 4.5 5.5\n6.5 7.5 8.5\n", "f.pts").rows() == 3);
  CHECK(points("0 1 2\n3.5 4.5 5.5\n", "f.xyz").rows() == 2);
}

TEST_CASE("names stand in the comment above the points, as numpy.savetxt writes them") {
  const auto read = [](const std::string& text, const char* name = "f.csv") {
    return parse_csv(text, name);
  };
  const Cloud cloud = read("# measured today, in mm\n# x,y,weight\n1.5,2,0.25\n3,4,0.75\n");
  CHECK(cloud.points == Points{{1.5, 2}, {3, 4}});
  CHECK(cloud.weights == Vector{{0.25, 0.75}});
  CHECK(cloud.columns == Names{"x", "y"});
  CHECK(cloud.notes == Names{"f.csv: 2 points, dimension 2 (x, y), weights from weight; names from "
                             "the line with # above the points"});
  CHECK(read("# id x y\n7 1 2\n#8 3 4\n9 5 6\n", "f.txt").ids == Names{"7", "9"});
  CHECK(read("#u\tv\tw\n1\t2\t3\n", "f.tsv").weights == Vector{{3}});
  CHECK(read("# u v weight\n1 2 3\n", "f.txt").weights == Vector{{3}});
  // Of a scan, positions and weights alone.
  const Cloud scan = read("# X Y Z curvature mass\n1 2 3 4 5\n", "f.xyz");
  CHECK(scan.points == Points{{1, 2, 3}});
  CHECK(scan.weights == Vector{{5}});
  // Sentences, numbers, other counts and lists of weights are none; nor is a comment of a header.
  for (const std::string text :
       {"# made by me\n1 2 3\n", "# points and weights\n1 2 3\n", "# 0 1 2\n1 2 3\n",
        "# x y\n1 2 3\n", "# x, y, \"z\n1,2,3\n", "# x,,z\n1,2,3\n"})
    CHECK(read(text).columns.empty());
  CHECK(read("# weight\n1\n2\n").points == Points{{1}, {2}});
  CHECK(read("# a,b\nu,v\n1,2\n").columns == Names{"u", "v"});
  CHECK(read("# mass of the scan\n1 2 3 4\n", "f.xyz").points == Points{{1, 2, 3}});
}

TEST_CASE("what is packed, or no text, is told as such") {
  const testing::Folder folder;
  const auto refused = [&](const std::string& name, const std::string& bytes) {
    write_file(folder / name, bytes);
    const std::string said = refusal([&] { read_cloud(folder / name); });
    return said == "accepted" ? said : said.substr(said.find(name));
  };
  CHECK(refused("a.csv", "\x1f\x8b\x08") == "a.csv: is packed by gzip; unpack it first");
  CHECK(refused("a.npy", "\x1f\x8b\x08") == "a.npy: is packed by gzip; unpack it first");
  CHECK(refused("a.ply", "BZh91AY&SY") == "a.ply: is packed by bzip2; unpack it first");
  CHECK(refused("a.pcd", "\xFD\x37zXZ") == "a.pcd: is packed by xz; unpack it first");
  CHECK(refused("a.txt", "\x28\xB5\x2F\xFD") == "a.txt: is packed by zstd; unpack it first");
  CHECK(refused("a.csv", "PK\x03\x04") == "a.csv: is packed by zip; unpack it first");
  CHECK(refused("a.csv", "BZh\n1\n") == "accepted");
  CHECK(refused("a.csv", std::string("x,y\n1,2\0\n", 9)) == "a.csv: is no text: byte 7 is 0");
}

TEST_CASE("ragged lines are told by their fields, whatever separates them") {
  const auto refused = [](const std::string& text) {
    return refusal([&] { parse_csv(text, "f"); });
  };
  CHECK(refused("x y z\n1 2\n3 4 5\n") == "f:2: has 2 fields, the first line has 3");
  CHECK(refused("1 2 3\n4\n5 6 7\n") == "f:2: has 1 fields, the first line has 3");
  CHECK(refused("1\t2\t3\n4\t5\n") == "f:2: has 2 fields, the first line has 3");
  CHECK(refused("x;y;z\n1;2\n") == "f:2: has 2 fields, the first line has 3");
  CHECK(
      refused("x\n1 2\n3 4\n") ==
      "f:2: column x = 1 2: must be one number; as many must stand in every line, separated alike");
}
