#include "common/cli/core/qr.h"

#include <qrencode.h>

#include <memory>

namespace liaison::cli {
namespace {

constexpr int kMargin = 4;  // modules of light around the code, as the standard wants (ISO/IEC 18004)

}  // namespace

std::string QrText(const std::string& text) {
  std::unique_ptr<QRcode, void (*)(QRcode*)> code(QRcode_encodeString(text.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1),
                                                  QRcode_free);
  if (code == nullptr) return "";
  auto dark = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < code->width && y < code->width && (code->data[y * code->width + x] & 1) != 0;
  };
  // Light modules are drawn: on a dark terminal the code then stands as it would on paper.
  std::string out;
  for (int y = -kMargin; y < code->width + kMargin; y += 2) {
    for (int x = -kMargin; x < code->width + kMargin; ++x) {
      bool upper = !dark(x, y), lower = !dark(x, y + 1);
      out += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
    }
    out += "\n";
  }
  return out;
}

}  // namespace liaison::cli
