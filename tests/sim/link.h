// One session between a machine and the hub, with what is on its way.
#ifndef LIAISON_TESTS_SIM_LINK_H_
#define LIAISON_TESTS_SIM_LINK_H_

#include <deque>
#include <string>

#include "common/codec/link_codec.h"
#include "common/sync/hub_session.h"
#include "common/sync/station_session.h"
#include "tests/sim/machine.h"

namespace liaison::sim {

struct Link {
  Link(Machine* m, sync::StationPort* station_port, sync::HubPort* hub_port)
      : machine(m), station(station_port), hub(hub_port) {}

  struct Packet {
    uint64_t order;  // of sending
    std::string bytes;
  };
  Machine* machine;
  sync::StationSession station;
  sync::HubSession hub;
  LinkCodec station_codec, hub_codec;
  std::deque<Packet> up, down;
  int64_t messages_left = -1;  // until the link is cut; negative: it is not
  double latency_hours = 0.0001;
  bool moving = false;  // a delivery stands in the calendar
  bool dead = false;
};

}  // namespace liaison::sim

#endif  // LIAISON_TESTS_SIM_LINK_H_
