/** The part of chai-as-promised that the tests use: `expect(promise).to.eventually.be.rejectedWith(text)`. */
module.exports = function promised({ Assertion }) {
  Assertion.addProperty('eventually', () => undefined);
  Assertion.addMethod('rejectedWith', function (expected) {
    return this._obj.then(
      (value) => new Assertion(value, 'a promise').assert(false, 'expected #{this} to be rejected'),
      (error) => {
        const message = new Assertion(error.message);
        if (expected instanceof RegExp) message.match(expected);
        else message.include(expected);
      },
    );
  });
};
