// What happened, said once: as lines for people and as an object for programs.
#pragma once

#include "tally.hpp"

namespace wac::sim
{

class Summary
{
  public:
    Summary(double seconds, bool complete);

    /** `key` with blanks instead of underscores is what people read. */
    void number(const char *key, std::uint64_t value);
    void tally(const char *key, const char *label, const Tally &tally);
    void latency(const char *key, const char *label, const Latency &latency);

    const std::string &text() const { return text_; }
    std::string json() const { return json_text(object_.get()) + '\n'; }

  private:
    void line(std::string label, const std::string &value);

    std::string text_;
    Json object_;
};

} // namespace wac::sim
