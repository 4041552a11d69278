package ai.dialog.runner.cost;

/**
 * What a month brings.
 *
 * @param requests chats
 * @param tokensIn tokens of a prompt
 * @param tokensOut tokens of an answer
 * @param seconds from the first to the last byte of an answer, for which the function runs
 */
public record Load(long requests, int tokensIn, int tokensOut, double seconds) {

    /** Of prompts and answers in all. */
    public double tokens() {
        return (double) requests * (tokensIn + tokensOut);
    }

    /** What a hosted API asks for it. */
    double hosted(PriceList.Hosted model) {
        return requests * (tokensIn * model.input() + tokensOut * model.output()) / 1e6;
    }
}
