#include "engine/chat/chat_output.h"

#include "engine/chat/output_reader.h"
#include "engine/chat/output_writer.h"

namespace loam {

struct ChatOutputParser::Impl {
  Impl(const ChatFormat& f, ChatOutputOptions o) : format(f), options(std::move(o)), writer(options.parallel) {
    if (options.tools && options.tools->empty()) options.tools = nullptr;
    reader = format.calls.body == CallBody::harmony ? make_harmony_output(options, writer)
                                                    : make_marked_output(format, options, writer);
  }

  const ChatFormat format;
  ChatOutputOptions options;
  OutputWriter writer;
  std::unique_ptr<OutputReader> reader;
};

ChatOutputParser::ChatOutputParser(const ChatFormat& format, ChatOutputOptions options)
    : impl_(std::make_unique<Impl>(format, std::move(options))) {}
ChatOutputParser::~ChatOutputParser() = default;
ChatOutputParser::ChatOutputParser(ChatOutputParser&&) noexcept = default;

std::vector<ChatDelta> ChatOutputParser::push(std::string_view piece) {
  for (const char c : piece) impl_->reader->push(c);
  return impl_->writer.take();
}

std::vector<ChatDelta> ChatOutputParser::finish() {
  impl_->reader->finish();
  impl_->writer.finish();
  return impl_->writer.take();
}

int ChatOutputParser::n_calls() const { return impl_->writer.n_calls(); }

bool ChatOutputParser::complete() const { return impl_->writer.complete(); }

}  // namespace loam
