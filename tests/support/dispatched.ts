import { type Dispatch, type Received, textOf } from '../../src/jsonrpc/dispatch.ts';

/** Returns the text of the reply to a message; undefined if it gets none. */
export const dispatched = (dispatch: Dispatch, received: Received): Promise<string | undefined> =>
  new Promise((resolve) => {
    dispatch(received, (replies) => {
      resolve(replies && textOf(replies));
    });
  });
