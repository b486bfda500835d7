// A text as a QR code of half blocks, for a terminal with light letters on dark ground or the other way round: the
// light margin is drawn too, so a phone reads it either way as long as both colours differ.
#ifndef LIAISON_COMMON_CLI_CORE_QR_H_
#define LIAISON_COMMON_CLI_CORE_QR_H_

#include <string>

namespace liaison::cli {

// Lines with their ends; empty if `text` does not fit into a QR code.
std::string QrText(const std::string& text);

}  // namespace liaison::cli

#endif  // LIAISON_COMMON_CLI_CORE_QR_H_
