// Where this checkout and its build lie, for tests that read files of it. They come from one small object of their own:
// a path on the compiler's command line would keep its cache from knowing the tests in another checkout.
#ifndef LIAISON_TESTS_TESTING_PLACES_H_
#define LIAISON_TESTS_TESTING_PLACES_H_

#include <string>
#include <string_view>

namespace liaison {

std::string InSource(std::string_view path);  // `path` begins with a slash, or is empty
std::string InBuild(std::string_view path);

}  // namespace liaison

#endif  // LIAISON_TESTS_TESTING_PLACES_H_
