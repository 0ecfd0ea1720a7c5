import { reply } from './frames.ts';
import { serve } from './listen.ts';

// A minimal responder of STOMP frames in Node, for comparison with the STOMP server.
serve((socket) => {
  socket.once('data', () => {
    socket.write(reply);
    socket.on('data', (chunk: Buffer) => {
      for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, at + 1)) socket.write(reply);
    });
  });
});
