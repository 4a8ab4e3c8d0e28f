/** What is bundled in the place of a module that no page needs. */
export {};
