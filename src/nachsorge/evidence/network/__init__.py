"""What readers of network captures share: layers, streams, and the few protocols whose plain part names a peer."""
