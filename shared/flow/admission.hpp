// Whether a terminal that says who it is is let in, for dialects in which it
// proves that by a token: read its row, make or complete the row that the
// enrolment policy wants, read it again. Performs no I/O: its session runs the
// operations. What proves a terminal is the dialect's.
//
//   start() ─▶ Identify ─┬─▶ Contact ─▶ Identify ─┬─▶ let in
//                        │                        │
//                        └────────────────────────┴─▶ refused
#pragma once

#include "proto/operation.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wac
{

class Admission
{
  public:
    /** What speaks against its being that terminal; "" for nothing. Asked
     *  before anything of the terminal is written, and after. */
    class Judge
    {
      public:
        virtual std::string_view
        objection(const DeviceIdentity &identity) const = 0;

      protected:
        ~Judge() = default;
    };

    /** `contact` is what the terminal says of itself: its sn, protocol, policy
     *  and zone count for all of this. */
    Admission(Contact contact, const Judge &judge)
        : contact_(std::move(contact)), judge_(judge)
    {
    }

    /** The first operation. */
    Operation start() const;

    /** The next operation; nothing once it is decided. */
    std::optional<Operation> resume(const Outcome &outcome);

    /** Whether it is let in; identity() then says who it is. */
    bool admitted() const noexcept { return admitted_; }
    const DeviceIdentity &identity() const noexcept { return identity_; }

    /** Why not, for the log and the operator. */
    const std::string &refusal() const noexcept { return refusal_; }

    /** To be written behind for one that is refused: nothing if there is no
     *  such device. */
    std::optional<Sighting> sighting() const;

  private:
    enum class State { identifying, introducing, recognizing };

    std::optional<Operation> identified(const Outcome &outcome);
    std::optional<Operation> introduce();
    std::optional<Operation> refuse(std::string_view why);
    std::optional<Operation> refuse_state(std::optional<DeviceState> state);

    const Contact contact_;
    const Judge &judge_;
    State state_ = State::identifying;
    bool admitted_ = false;
    bool known_ = false;
    bool impostor_ = false;
    DeviceIdentity identity_;
    std::string refusal_;
};

} // namespace wac
