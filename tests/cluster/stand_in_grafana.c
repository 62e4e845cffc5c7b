// Stands in for Grafana, which can't be had here: says on port 3000 that it is healthy, and no more.
// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
  static const char answer[] = "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"database\": \"ok\"}\n";
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(3000)};
  char asked[4096];
  signal(SIGTERM, _exit);
  int door = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(door, (struct sockaddr *)&any, sizeof any) != 0 || listen(door, 16) != 0) return 1;
  for (;;) {
    int guest = accept(door, NULL, NULL);
    if (guest < 0) continue;
    if (read(guest, asked, sizeof asked) > 0 && write(guest, answer, strlen(answer)) < 0) asked[0] = 0;
    close(guest);
  }
}
