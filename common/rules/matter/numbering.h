// Numbers for people, given offline: "恒民意〔2026〕D057-0031号". A number is a label; the record's id is its key.
// Prefix and counter belong to the node that enters, so two offline devices never clash; a clone can, and the
// duplicate is then shown, both kept. Numbers are never reused; counters start again with the business year.
#ifndef LIAISON_COMMON_RULES_MATTER_NUMBERING_H_
#define LIAISON_COMMON_RULES_MATTER_NUMBERING_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace liaison {

// The node's own block: "D057" for station HK-D057, "D057b" for its second device.
std::string NumberBlock(std::string_view station_id, std::string_view node_block);

// A series is everything of a number up to its counter.
std::string SessionSeries(std::string_view date, std::string_view block);  // J20261120-D057-
std::string EntrySeries(std::string_view township, std::string_view date,
                        std::string_view block);  // 恒人接〔2026〕D057-
std::string MatterSeries(std::string_view township, std::string_view date,
                         std::string_view block);  // 恒民意〔2026〕D057-

// Given at the hub alone: 恒人交〔2026〕015号; 恒人建〔20-3〕007号 of a congress's session, 恒人建〔20-闭〕012号
// between two; 恒人议〔20-3〕001号 of bills.
std::string AssignmentSeries(std::string_view township, std::string_view date);      // 恒人交〔2026〕
std::string SuggestionSeries(std::string_view township, std::string_view congress);  // 恒人建〔20-3〕
std::string BillSeries(std::string_view township, std::string_view congress);        // 恒人议〔20-3〕

std::string SessionNumber(std::string_view series, uint64_t counter);  // J20261120-D057-1
std::string PaperNumber(std::string_view series, uint64_t counter);    // 恒民意〔2026〕D057-0031号
std::string HubNumber(std::string_view series, uint64_t counter);      // 恒人交〔2026〕015号

// Of records that were given one number, all but one get it with a mark: 恒民意〔2026〕D057-0031-2号. The paper that a
// voter holds still leads there. Marks have a series of their own.
std::string MarkSeries(std::string_view number);  // 恒民意〔2026〕D057-0031-
std::string MarkedNumber(std::string_view number, uint64_t counter);

// Splits any of them again. False if it is not of that form.
bool ParseNumber(std::string_view number, std::string* series, uint64_t* counter);

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_MATTER_NUMBERING_H_
