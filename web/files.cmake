# The files of the chat page: what a server sends. A file of web/ that is not listed stays out of the program.
set(SAMOVAR_WEB_FILES
  index.html icon.svg early.js main.js openapi.json
  announcer.js answer.js api.js ask.js chats.js code_block.js composer.js copy.js dom.js error_view.js events.js
  i18n.js markdown.js message_view.js meter.js sampling.js sanitize.js server_state.js settings.js settings_dialog.js
  shortcuts.js sidebar.js store.js theme.js think.js toast.js transcript.js transfer.js
  lang/en.js lang/ru.js
  docs/index.html docs/docs.css docs/main.js docs/operation.js docs/prose.js docs/schema.js docs/try_it.js
  style/theme.css style/layout.css style/message.css style/dialog.css
  vendor/marked-18.2.1/marked.esm.js vendor/dompurify-3.4.18/purify.min.js
  vendor/highlightjs-11.12.0/core.min.js)
foreach(language bash c cpp css diff dockerfile go ini java javascript json makefile markdown python
    rust sql typescript xml yaml)
  list(APPEND SAMOVAR_WEB_FILES vendor/highlightjs-11.12.0/languages/${language}.min.js)
endforeach()
foreach(licence marked-18.2.1/LICENSE dompurify-3.4.18/LICENSE dompurify-3.4.18/LICENSE-MPL
    highlightjs-11.12.0/LICENSE)
  list(APPEND SAMOVAR_WEB_FILES vendor/${licence})
endforeach()
