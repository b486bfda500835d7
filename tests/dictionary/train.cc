// Trains the dictionary of the live link on the ops of a station's or hub's database, as the link tells them.
//   train_dictionary OUT SIZE DATABASE...        DATABASE: the folder db of a data folder whose daemon does not run
#include <zdict.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "common/codec/op_squeeze.h"
#include "common/store/keys.h"
#include "common/store/kv.h"

// The dictionary is for the first ops of a session.
constexpr size_t kOpsOfSession = 60;

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: train_dictionary OUT SIZE DATABASE...\n";
    return 2;
  }
  std::string samples;
  std::vector<size_t> sizes;
  for (int i = 3; i < argc; ++i) {
    auto kv = liaison::OpenRocks(argv[i], {});
    if (!kv.ok()) {
      std::cerr << kv.status() << "\n";
      return 1;
    }
    liaison::OpSqueeze squeeze;
    (*kv)->ScanPrefix(liaison::key::kOp, [&](std::string_view, std::string_view op) {
      if (sizes.size() % kOpsOfSession == 0) squeeze = {};
      std::string raw;
      const size_t before = samples.size();
      liaison::ByteWriter text_out(&samples), raw_out(&raw);
      squeeze.Write(op, &text_out, &raw_out);
      sizes.push_back(samples.size() - before);
      return true;
    });
  }
  std::string dictionary(std::strtoul(argv[2], nullptr, 10), '\0');
  size_t size = ZDICT_trainFromBuffer(dictionary.data(), dictionary.size(), samples.data(), sizes.data(),
                                      static_cast<unsigned>(sizes.size()));
  if (ZDICT_isError(size)) {
    std::cerr << ZDICT_getErrorName(size) << "\n";
    return 1;
  }
  dictionary.resize(size);
  std::ofstream(argv[1], std::ios::binary) << dictionary;
  std::cout << sizes.size() << " ops, " << samples.size() << " bytes -> " << size << " bytes\n";
}
