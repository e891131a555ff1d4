#ifndef WSFD_FRAME_JSON_ARRAY_H_
#define WSFD_FRAME_JSON_ARRAY_H_

#include <cstddef>
#include <cstdint>

// Many JSON texts as one: the text of an array that has each of them as an element, so that they
// are parsed at once.
//
//   [ text 0 , newline text 1 , newline ... text n-1 ]
//
// Texts that are no JSON values can make an array all the same: `[3` and `4],5` make two elements.
// So whoever parses the array must know that its elements are the texts. They are, if
//
//   (a) the array is valid JSON,
//   (b) BracketsBalance holds of each text, and
//   (c) the array has n elements.
//
// Proof. A newline is allowed between tokens alone: within a string JSON forbids control
// characters, and no other token has one. By (a) every newline of ours is between two tokens, so
// each text begins and ends outside strings, and BracketsBalance, which starts outside strings and
// knows what is in one, sees the brackets that are tokens, and no others. By (b) each text opens as
// many as it closes, so the commas between the texts all are as deep as the first text begins:
// directly in the array. These are n - 1 commas. By (c) the array has no more of them directly in
// it, since n elements are separated by n - 1 commas (and n = 1 element by none). So what stands
// between two of them, which is a text, is one element, and by (a) one JSON value.
//
// Conversely (a), (b) and (c) hold where each text is a JSON value.

namespace wsfd::frame {

// Writes that array, text by text.
class JsonArrayWriter {
 public:
  // `out` has room for SizeOf what will be added.
  explicit JsonArrayWriter(uint8_t* out) : next_(out) {}
  static constexpr size_t SizeOf(size_t texts, size_t bytes) { return bytes + 2 * texts; }

  void Add(const uint8_t* text, size_t size);
  // Behind the last text, of which there was one at least.
  void Finish() { *next_ = ']'; }

 private:
  uint8_t* next_;
  bool follows_ = false;
};

// True if as many brackets are opened as are closed ([ and {, ] and }) outside of JSON strings. Of
// text that is no JSON it means nothing.
bool BracketsBalance(const uint8_t* text, size_t size);

}  // namespace wsfd::frame

#endif  // WSFD_FRAME_JSON_ARRAY_H_
