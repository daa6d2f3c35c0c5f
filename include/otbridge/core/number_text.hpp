// Numbers as text, the same in every locale.
#pragma once

#include <string>

namespace otbridge {

// The shortest text that reads back as the same double: "0.1", "1e-06", "nan", "-inf".
std::string number_text(double value);

// As people write it, with at most `digits` significant ones, 1 to 17: "0.0938", "4.5e6", "8e-7";
// written out from 0.001 to below 100000.
std::string plain_number(double value, int digits);

}  // namespace otbridge
