#include "cli/line_editor.h"

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstdlib>

#include <histedit.h>

namespace samovar::cli {
namespace {

constexpr int kHistoryLines = 1000;

char* prompt_of(EditLine* editor) {
  void* self = nullptr;
  el_get(editor, EL_CLIENTDATA, &self);
  return const_cast<char*>(static_cast<LineEditor*>(self)->prompt().c_str());
}

// libedit reads characters by the locale; one that knows no UTF-8 would eat all but ASCII. Numbers
// and messages stay as they are: only LC_CTYPE is set.
void use_utf8_characters() {
  if (std::setlocale(LC_CTYPE, "") == nullptr || MB_CUR_MAX == 1)
    std::setlocale(LC_CTYPE, "C.UTF-8");
}

}  // namespace

LineEditor::LineEditor(std::string prompt, std::string history_path)
    : prompt_(std::move(prompt)),
      history_path_(std::move(history_path)),
      editor_((use_utf8_characters(), el_init("samovar", stdin, stdout, stderr))),
      history_(history_init()) {
  HistEvent event;
  ::history(history_, &event, H_SETSIZE, kHistoryLines);
  ::history(history_, &event, H_SETUNIQUE, 1);
  if (!history_path_.empty()) ::history(history_, &event, H_LOAD, history_path_.c_str());
  el_set(editor_, EL_CLIENTDATA, this);
  el_set(editor_, EL_PROMPT, prompt_of);
  el_set(editor_, EL_EDITOR, "emacs");
  el_set(editor_, EL_HIST, ::history, history_);
  el_set(editor_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
}

LineEditor::~LineEditor() {
  HistEvent event;
  if (!history_path_.empty()) ::history(history_, &event, H_SAVE, history_path_.c_str());
  history_end(history_);
  el_end(editor_);
}

std::optional<std::string> LineEditor::read() {
  int n_bytes = 0;
  errno = 0;
  const char* line = el_gets(editor_, &n_bytes);
  if (line == nullptr || n_bytes <= 0) {
    if (errno != EINTR) return std::nullopt;
    std::fputc('\n', stdout);
    el_set(editor_, EL_REFRESH);
    return std::string();
  }
  std::string text(line, static_cast<size_t>(n_bytes));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (!text.empty()) {
    HistEvent event;
    ::history(history_, &event, H_ENTER, text.c_str());
  }
  return text;
}

}  // namespace samovar::cli
