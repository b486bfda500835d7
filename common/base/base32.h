// Crockford's base 32 for what people read out and type: no I, L, O, U. Pure, thread-safe.
#ifndef LIAISON_COMMON_BASE_BASE32_H_
#define LIAISON_COMMON_BASE_BASE32_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace liaison {

// The digit of the low five bits.
char Base32Digit(uint32_t bits);
// What was typed, as digits in capitals: small letters, and I, L, O for 1, 1, 0; spaces and "-" are passed over.
// nullopt: a character that is no digit.
std::optional<std::string> Base32Digits(std::string_view typed);
uint32_t Base32Value(char digit);  // REQUIRES: one of Base32Digits()

// Five bits a digit, the last bits of `bytes` that fill none are left out. 5 bytes are 8 digits.
std::string Base32(std::string_view bytes);
// nullopt: no digits, or bits are left over.
std::optional<std::string> UnBase32(std::string_view typed);

// "ABCDEFGH" in fours: "ABCD-EFGH".
std::string InGroups(std::string_view digits, size_t group);

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_BASE32_H_
