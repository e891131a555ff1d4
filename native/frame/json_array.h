#ifndef WSFD_FRAME_JSON_ARRAY_H_
#define WSFD_FRAME_JSON_ARRAY_H_

#include <cstddef>
#include <cstdint>

// Joins JSON texts into one, the text of an array with each of them as an element, so that one call
// parses all.
//
//   [ text 0 , newline text 1 , newline ... text n-1 ]
//
// Texts that are not JSON values can still make a valid array: `[3` and `4],5` make two elements.
// So the parser of the array must know that its elements are the texts. They are, if
//
//   (a) the array is valid JSON,
//   (b) BracketsBalance holds of each text, and
//   (c) the array has n elements.
//
// Proof. JSON allows a newline only between tokens: a string must not contain control characters,
// and no other token has one. By (a) every newline added here is between two tokens. So each text
// begins and ends outside strings, and BracketsBalance, which skips strings, counts exactly the
// brackets that are tokens. By (b) each text closes as many as it opens, so the n - 1 commas
// between the texts are at the depth at which the first text begins: directly in the array. By (c)
// no other comma is at that depth, since n - 1 commas separate n elements. So each text is one
// element, and by (a) one JSON value.
//
// Conversely (a), (b) and (c) hold if each text is a JSON value.

namespace wsfd::frame {

// Writes the array, text by text.
class JsonArrayWriter {
 public:
  // `out` has room for SizeOf all texts to come.
  explicit JsonArrayWriter(uint8_t* out) : next_(out) {}
  static constexpr size_t SizeOf(size_t texts, size_t bytes) { return bytes + 2 * texts; }

  void Add(const uint8_t* text, size_t size);
  // Call after the last text, and after at least one.
  void Finish() { *next_ = ']'; }

 private:
  uint8_t* next_;
  bool follows_ = false;
};

// True if as many brackets are opened as are closed ([ and {, ] and }) outside of JSON strings. The
// result means nothing if the text is not JSON.
bool BracketsBalance(const uint8_t* text, size_t size);

}  // namespace wsfd::frame

#endif  // WSFD_FRAME_JSON_ARRAY_H_
