// A cache in another process: keys and values in memory, a connection between.

#include <hiredis/hiredis.h>

#include <array>
#include <chrono>
#include <initializer_list>
#include <string>
#include <thread>
#include <vector>

#include "bench/workload/memory.h"
#include "bench/workload/targets.h"
#include "bench/workload/value.h"

namespace kintsugi::bench {
namespace {

// What the server said. Its bytes live as long as it does.
class Reply {
 public:
  explicit Reply(void* reply) : reply_(static_cast<redisReply*>(reply)) {
    if (reply_->type == REDIS_REPLY_ERROR) Check(false, "redis: " + std::string(reply_->str, reply_->len));
  }
  ~Reply() { freeReplyObject(reply_); }
  Reply(Reply&& other) noexcept : reply_(std::exchange(other.reply_, nullptr)) {}
  Reply& operator=(Reply&&) = delete;

  long long number() const { return reply_->integer; }
  // Nothing there: empty.
  std::string_view bytes() const {
    return reply_->str == nullptr ? std::string_view() : std::string_view(reply_->str, reply_->len);
  }
  // The second of two: of CONFIG GET, the setting.
  std::string_view second() const {
    Check(reply_->elements == 2, "redis said something else than was asked");
    return {reply_->element[1]->str, reply_->element[1]->len};
  }

 private:
  redisReply* reply_;
};

class Connection {
 public:
  explicit Connection(int port) : context_(redisConnect("127.0.0.1", port)) {
    Check(context_ != nullptr && context_->err == 0, "redis does not answer on port " + std::to_string(port));
  }
  ~Connection() { redisFree(context_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Put() says it, Get() flushes what was said and waits for the next answer.
  void Put(std::initializer_list<std::string_view> words) {
    std::array<const char*, 4> data{};
    std::array<size_t, 4> sizes{};
    size_t count = 0;
    for (const std::string_view word : words) {
      data[count] = word.data();
      sizes[count++] = word.size();
    }
    redisAppendCommandArgv(context_, static_cast<int>(count), data.data(), sizes.data());
  }
  Reply Get() {
    void* reply = nullptr;
    Check(redisGetReply(context_, &reply) == REDIS_OK, "redis went away");
    return Reply(reply);
  }
  Reply Ask(std::initializer_list<std::string_view> words) {
    Put(words);
    return Get();
  }

 private:
  redisContext* const context_;
};

class RedisSession : public Session {
 public:
  explicit RedisSession(int port) : connection_(port) {}

  // Two round trips for all of them.
  void LookUp(std::span<const Operation> operations) override {
    for (const Operation& operation : operations) connection_.Put({"GET", ToView(operation.probe.key)});
    profiles_.clear();
    for (size_t i = 0; i < operations.size(); ++i) profiles_.push_back(connection_.Get());
    for (const Reply& profile : profiles_) connection_.Put({"GET", profile.bytes()});
    for (size_t i = 0; i < operations.size(); ++i) Read(connection_.Get().bytes());
  }

  void Apply(const Operation& operation) override {
    const Reply profile = connection_.Ask({"GET", ToView(operation.probe.key)});
    connection_.Ask({"SET", profile.bytes(), bytes_.For(operation)});
  }

 private:
  Connection connection_;
  std::vector<Reply> profiles_;
  EventBytes bytes_;
};

class Redis : public Target {
 public:
  Redis(const Servers& servers, size_t batch) : port_(servers.redis_port), batch_(batch) {
    Check(connection_.Ask({"DBSIZE"}).number() == 0, "redis: there is something in it; an empty one is needed");
  }
  ~Redis() override { connection_.Ask({"FLUSHALL"}); }

  void Load(uint64_t begin, uint64_t end) override {
    constexpr uint64_t kGroup = 1000;
    size_t waiting = 0;
    for (uint64_t profile = begin; profile < end; ++profile) {
      const Key key = ProfileKey(profile);
      for (size_t i = 0; i < kIdentifiersPerProfile; ++i) {
        connection_.Put({"SET", ToView(KeyOf(profile * kIdentifiersPerProfile + i)), ToView(key)});
      }
      connection_.Put({"SET", ToView(key), ProfileBytes(profile)});
      waiting += kIdentifiersPerProfile + 1;
      if ((profile + 1 - begin) % kGroup != 0 && profile + 1 < end) continue;
      for (; waiting > 0; --waiting) connection_.Get();
    }
  }

  // Writes the log anew, without what was overwritten.
  void Settle() override {
    if (connection_.Ask({"CONFIG", "GET", "appendonly"}).second() != "yes") return;
    connection_.Ask({"BGREWRITEAOF"});
    const auto still = [this](std::string_view what) {
      return connection_.Ask({"INFO", "persistence"}).bytes().find(std::string(what) + ":1") != std::string_view::npos;
    };
    while (still("aof_rewrite_in_progress") || still("aof_rewrite_scheduled")) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  std::unique_ptr<Session> NewSession() override { return std::make_unique<RedisSession>(port_); }
  size_t batch() const override { return batch_; }

  std::optional<uint64_t> DiskBytes() override {
    return BytesBelow(std::string(connection_.Ask({"CONFIG", "GET", "dir"}).second()));
  }

  // The server's peak, since it began.
  std::optional<uint64_t> MemoryBytes() override {
    const Reply reply = connection_.Ask({"INFO", "server"});
    constexpr std::string_view kName = "process_id:";
    const size_t at = reply.bytes().find(kName);
    if (at == std::string_view::npos) return std::nullopt;
    return PeakMemoryBytes(std::atoi(reply.bytes().data() + at + kName.size()));
  }

 private:
  const int port_;
  const size_t batch_;
  Connection connection_{port_};
};

}  // namespace

std::unique_ptr<Target> NewRedis(const Servers& servers) {
  return std::make_unique<Redis>(servers, 1);
}

std::unique_ptr<Target> NewRedisPipelined(const Servers& servers) {
  return std::make_unique<Redis>(servers, 64);
}

}  // namespace kintsugi::bench
