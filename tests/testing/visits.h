// A visit as tests enter it: one matter, handed up to the township.
#ifndef LIAISON_TESTS_TESTING_VISITS_H_
#define LIAISON_TESTS_TESTING_VISITS_H_

#include <string>

#include "liaison/v1/station_service.pb.h"

namespace liaison {

// Everything but the action id, the session and the visitor.
inline void FillVisit(const std::string& words, int headcount, v1::LogVisitRequest* request) {
  request->mutable_entry()->set_original_words(words);
  request->mutable_entry()->set_headcount(headcount);
  v1::Matter& matter = *request->add_matters();
  matter.set_title(words);
  matter.set_content(words);
  matter.set_category("01");
  matter.set_nature(v1::NATURE_OPINION);
  matter.set_disposition(v1::DISPOSITION_SUBMIT);
}

}  // namespace liaison

#endif  // LIAISON_TESTS_TESTING_VISITS_H_
