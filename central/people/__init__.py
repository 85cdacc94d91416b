"""People, and other systems that ask central: who they are, what they may, how they prove it."""
