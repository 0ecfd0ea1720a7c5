import { reply } from './frames.ts';
import { serve } from './listen.ts';

// The least that answering frames can cost in Node: what the STOMP server is compared with.
serve((socket) => {
  socket.once('data', () => {
    socket.write(reply);
    socket.on('data', (chunk: Buffer) => {
      for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, at + 1)) socket.write(reply);
    });
  });
});
