# Writes a C++ file with a function that returns a file's text: cmake -DFUNCTION=name -DINPUT=a.js -DOUTPUT=a.cpp -P embed.cmake
# In pieces, since compilers have a longest literal; the text is ASCII and does not hold the delimiter.
file(READ ${INPUT} text)
string(LENGTH "${text}" length)
set(pieces "")
set(at 0)
while(at LESS length)
  string(SUBSTRING "${text}" ${at} 15000 piece)
  string(APPEND pieces "R\"bundle(${piece})bundle\"\n")
  math(EXPR at "${at} + 15000")
endwhile()
file(WRITE ${OUTPUT} "#include \"page/bundle.hpp\"\n\nnamespace otbridge {\n\nstd::string_view ${FUNCTION}() {\n  return ${pieces};\n}\n\n}  // namespace otbridge\n")
