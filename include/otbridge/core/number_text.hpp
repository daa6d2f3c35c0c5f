// Numbers as text, the same in every locale.
#pragma once

#include <string>

namespace otbridge {

// The shortest text that reads back as the same double: "0.1", "1e-06", "nan", "-inf".
std::string number_text(double value);

}  // namespace otbridge
