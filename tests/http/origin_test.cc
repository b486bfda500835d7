#include "common/http/origin.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace liaison::http {
namespace {

TEST(OriginTest, HostNameDropsPortBracketsDotAndCase) {
  EXPECT_EQ(HostName("LocalHost:8080"), "localhost");
  EXPECT_EQ(HostName("localhost."), "localhost");
  EXPECT_EQ(HostName("[::1]:8080"), "::1");
  EXPECT_EQ(HostName("[::1]"), "::1");
  EXPECT_EQ(HostName("::1"), "::1");
  EXPECT_EQ(HostName("10.0.0.7"), "10.0.0.7");
  for (std::string bad : {"", ":80", "localhost:x", "localhost:123456", "[::1", "[::1]x", "[]"}) {
    EXPECT_EQ(HostName(bad), "") << bad;
  }
}

TEST(OriginTest, OnlyLoopbackIsLoopback) {
  for (std::string name : {"localhost", "127.0.0.1", "127.1.2.3", "::1"}) EXPECT_TRUE(IsLoopback(name)) << name;
  for (std::string name : {"0.0.0.0", "::", "10.0.0.1", "127.evil.example.com", "127.0.0.1.evil.com", "127.0.0",
                           "127.0.0.256", "127.0.0.", "localhost.evil.com", ""}) {
    EXPECT_FALSE(IsLoopback(name)) << name;
  }
}

TEST(OriginTest, HostsAreAllowedByNameAtAnyPort) {
  const std::vector<std::string> names = {"hub.hengkou"};
  for (std::string host : {"localhost", "localhost:1", "127.0.0.1:8080", "[::1]:8080", "HUB.Hengkou:443"}) {
    EXPECT_TRUE(HostAllowed(host, names)) << host;
  }
  for (std::string host : {"", "evil.example:8080", "localhost.evil.example", "127.0.0.2", "hub", "xhub.hengkou"}) {
    EXPECT_FALSE(HostAllowed(host, names)) << host;
  }
}

TEST(OriginTest, SameOriginNeedsTheSameHostAndPort) {
  EXPECT_TRUE(SameOrigin("http://localhost:8080", "localhost:8080"));
  EXPECT_TRUE(SameOrigin("https://LOCALHOST:8080", "localhost:8080"));
  for (std::string origin : {"null", "", "http://", "http://localhost", "http://localhost:8081", "http://evil.example",
                             "file://localhost:8080", "localhost:8080", "http://localhost:8080.evil.example"}) {
    EXPECT_FALSE(SameOrigin(origin, "localhost:8080")) << origin;
  }
  EXPECT_FALSE(SameOrigin("http://", ""));
}

}  // namespace
}  // namespace liaison::http
