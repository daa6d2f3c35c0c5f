// The script and the style of the page: page/bundle, put into the program when it is built.
#pragma once

#include <string_view>

namespace otbridge {

std::string_view page_script();
std::string_view page_style();

}  // namespace otbridge
