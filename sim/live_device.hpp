// A terminal with a WebSocket, without the socket: asked what it sends next,
// told what came. Here is what all dialects do alike about their links and
// their end; what they say is theirs.
//
//   offline   until its time to connect; then linked() or link_lost()
//   linked    greets, and does what its dialect does
//   closed    makes nothing new: sends what waits, for 10 s at most
#pragma once

#include "dice.hpp"
#include "fleet_options.hpp"
#include "fleet_statistics.hpp"

namespace wac::sim
{

/** A frame that is to be sent now. */
struct LiveSending {
    std::string text;
    bool half = false; // breaks off in the middle
};

class LiveDevice
{
  public:
    virtual ~LiveDevice() = default;
    LiveDevice(const LiveDevice &) = delete;
    LiveDevice &operator=(const LiveDevice &) = delete;

    const std::string &sn() const { return sn_; }

    /** Somebody punches. False: nobody can, or the log is full. */
    virtual bool make_punch(Moment now) = 0;

    bool wants_link(Moment now) const;
    bool wants_drop() const { return drop_; }
    void linked(Moment now);
    /** `opened`: it was a link before. */
    void link_lost(bool opened, Moment now);

    /** What to send now. Nothing: ask again at wake_at(). Where every frame is
     *  an exchange, received() or failed() follows before the next one. */
    virtual std::optional<LiveSending> next(Moment now) = 0;
    virtual Moment wake_at() const = 0;
    virtual void received(std::string_view text, Moment now) = 0;
    /** No proper answer to the exchange. */
    virtual void failed(Moment) {}

    void close(Moment now);
    bool closed() const { return closed_; }
    virtual bool finished(Moment now) const;
    /** Something is to be sent or acknowledged. */
    virtual bool has_work() const = 0;

    static constexpr std::chrono::seconds kDrainLimit{10};

  protected:
    LiveDevice(const LiveOptions &options, LiveStatistics &statistics,
               std::string sn, std::uint64_t number, Moment first_call);

    virtual void on_linked(Moment now) = 0;
    virtual void on_lost(Moment now) = 0;
    /** How long it waits after a failure. */
    virtual milliseconds next_pause() = 0;

    bool is_linked() const { return linked_; }
    bool may_send(Moment now) const;
    /** When next() is to be asked, if only the link counts. */
    Moment link_wake_at() const;
    /** Goes of its own accord. */
    void leave(milliseconds pause, Moment now);
    void registration_answered(Moment sent_at, Moment now);
    /** The text, or half of it, as chance will have it. */
    LiveSending sending(std::string text);
    milliseconds part_of(milliseconds whole);
    Dice &dice() { return dice_; }

  private:
    const LiveOptions &options_;
    LiveStatistics &statistics_;
    std::string sn_;
    Dice dice_;
    bool linked_ = false;
    bool drop_ = false;
    bool closed_ = false;
    bool ever_registered_ = false;
    Moment connect_at_;
    Moment drain_until_;
};

} // namespace wac::sim
