// The fixed parts of a .docx: styles, fonts, settings, footers, relations (ISO/IEC 29500-1).
#ifndef LIAISON_COMMON_PAPER_DOCUMENT_PARTS_H_
#define LIAISON_COMMON_PAPER_DOCUMENT_PARTS_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace liaison::office::parts {

extern const char kDocumentBegin[];  // up to <w:body>
extern const char kDocumentEnd[];    // the section's layout and the end
extern const char kSettings[];

// Of a document with `charts` charts; their relations are rIdChart1, rIdChart2, …
std::string ContentTypes(size_t charts);
std::string DocumentRelations(size_t charts);
std::string PackageRelations();
std::string ChartRelations(std::string_view number);
std::string CoreProperties(std::string_view title, std::string_view author);
// Title, Heading1, Heading2, BodyText, TableCaption, TableHead, TableText, TableNote, Figure,
// SignatureGap, Signature, SignatureDate, PageNumber; the table style Grid.
std::string Styles();
std::string FontTable();
// The page number, at the "right" of odd pages or at the "left" of even ones.
std::string Footer(std::string_view side);

}  // namespace liaison::office::parts

#endif  // LIAISON_COMMON_PAPER_DOCUMENT_PARTS_H_
