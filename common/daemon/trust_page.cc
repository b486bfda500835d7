#include "common/daemon/trust_page.h"

#include <qrencode.h>

#include <memory>

#include "absl/strings/str_replace.h"
#include "common/base/markup.h"
#include "common/base/text.h"

namespace liaison {
namespace {

constexpr int kQrMargin = 4;  // modules of light around the code (ISO/IEC 18004)

constexpr char kHead[] =
    "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>信任本镇的网页证书</title>"
    "<style>body{font:18px/1.7 sans-serif;max-width:40em;margin:1.5em auto;padding:0 1em;color:#222}"
    "h1{font-size:1.4em}h2{font-size:1.15em;margin-top:1.6em}code{font-size:1.05em;word-spacing:.3em}"
    ".box{border:1px solid #bbb;padding:1em}.go{display:inline-block;background:#b3261e;color:#fff;padding:.6em 1.2em;"
    "text-decoration:none}svg{width:15em;height:15em}</style><h1>信任本镇的网页证书</h1>";

constexpr char kSteps[] =
    "<h2>第二步：核对指纹，下载证书</h2>"
    "<p>手机第一次打开时会提示“不安全”，这是因为它还不认识本镇的证书。请先核对：<strong>手机上看到的指纹，"
    "要和站点电脑屏幕上的一模一样</strong>；不一样就不要继续，并告诉镇里。</p>"
    "<p><a class=\"go\" href=\"/page-authority.crt\">下载证书</a></p>"
    "<h2>第三步：安装证书</h2>"
    "<p><strong>安卓手机</strong>：打开“设置”，搜索“CA 证书”（或“安装证书”），选“CA 证书”，再选刚下载的文件。</p>"
    "<p><strong>苹果手机</strong>：用自带的 Safari 浏览器下载；打开“设置”，点“已下载描述文件”，点“安装”；"
    "再到“通用”—“关于本机”—“证书信任设置”，把 liaison pages 打开。</p>"
    "<p><strong>Windows 电脑</strong>：双击下载的文件，点“安装证书”，选“本地计算机”，"
    "选“将所有的证书都放入下列存储”，点“浏览”，选“受信任的根证书颁发机构”。</p>"
    "<h2>第四步：再打开一次</h2>"
    "<p>关掉浏览器，再打开上面的网址：不再提示“不安全”，就可以登录了。请用手机自带的浏览器，"
    "聊天软件里的网页大多不认自己安装的证书。</p>"
    "<p>这张证书只能用于内网地址和 .local 名称，不能冒充互联网上的网站。</p></html>";

}  // namespace

std::string QrSvg(const std::string& text) {
  const std::unique_ptr<QRcode, void (*)(QRcode*)> code(
      QRcode_encodeString(text.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), QRcode_free);
  if (code == nullptr) return "";
  const int size = code->width + 2 * kQrMargin;
  std::string svg = Cat("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ", size, " ", size,
                        "\"><path fill=\"#fff\" d=\"M0 0h", size, "v", size, "H0z\"/><path d=\"");
  for (int y = 0; y < code->width; ++y)
    for (int x = 0; x < code->width; ++x)
      if ((code->data[y * code->width + x] & 1) != 0) svg += Cat("M", x + kQrMargin, " ", y + kQrMargin, "h1v1h-1z");
  return svg + "\"/></svg>";
}

std::string TrustPageOf(const std::string& address, const std::string& fingerprint) {
  if (fingerprint.empty())
    return Cat(kHead, "<p>还没有网页证书：镇里允许本站使用村内网络，并且本机连上镇中心以后才有。</p></html>");
  std::string page = Cat(kHead, "<div class=\"box\"><p>证书指纹（SHA-256）：<br><code>", office::Escape(fingerprint),
                         "</code></p></div><h2>第一步：让手机连上本站的无线网</h2>");
  if (address.empty()) {
    page += "<p>村内网络现在没有打开。</p>";
  } else {
    const std::string trust = Cat(address, "trust");
    page += Cat("<p>再用手机扫这个码，或者输入网址 <code>", office::Escape(trust), "</code></p>",
                QrSvg(Cat(trust, "#", absl::StrReplaceAll(fingerprint, {{" ", ""}}))));
  }
  return page + kSteps;
}

}  // namespace liaison
