#include "schema/circles.h"

#include <algorithm>
#include <map>
#include <set>

namespace kintsugi::schema {
namespace {

// Whoever mends so many reads the next ones then: of n things that all name one another there are more than n * n.
constexpr size_t kMostCircles = 10;

// A walk along names, depth first: what leads back to the way here closes a circle.
class Walk {
 public:
  explicit Walk(const std::vector<Made>& all) : all_(all), states_(all.size(), State::kNew) {
    for (size_t i = 0; i < all.size(); ++i) indices_.emplace(all[i].name, i);
  }

  std::vector<Circle> Run() {
    for (size_t i = 0; i < all_.size(); ++i) {
      if (states_[i] == State::kNew) Visit(i);
    }
    return {circles_.begin(), circles_.end()};
  }

 private:
  enum class State { kNew, kOnTheWay, kDone };

  void Visit(size_t index) {
    states_[index] = State::kOnTheWay;
    way_.push_back(index);
    for (const std::string_view name : all_[index].of) Follow(name);
    way_.pop_back();
    states_[index] = State::kDone;
  }

  void Follow(std::string_view name) {
    const auto found = indices_.find(name);
    if (found == indices_.end()) return;
    const size_t next = found->second;
    if (states_[next] == State::kNew)
      Visit(next);
    else if (states_[next] == State::kOnTheWay)
      Close(next);
  }

  void Close(size_t first) {
    if (circles_.size() == kMostCircles) return;
    Circle circle(std::find(way_.begin(), way_.end(), first), way_.end());
    std::rotate(circle.begin(), std::min_element(circle.begin(), circle.end()), circle.end());
    circles_.insert(circle);
  }

  const std::vector<Made>& all_;
  std::map<std::string_view, size_t> indices_;
  std::vector<State> states_;
  std::vector<size_t> way_;
  std::set<Circle> circles_;  // one that is closed by a name that stands twice is still one
};

}  // namespace

std::string TextOf(const Circle& circle, const std::vector<Made>& all) {
  constexpr size_t kMostNames = 10;
  std::string text;
  for (size_t i = 0; i < circle.size() && i < kMostNames; ++i) text.append(all[circle[i]].name).append(" → ");
  if (circle.size() > kMostNames) text += "… → ";
  return text.append(all[circle.front()].name);
}

std::vector<Circle> FindCircles(const std::vector<Made>& all) {
  return Walk(all).Run();
}

}  // namespace kintsugi::schema
