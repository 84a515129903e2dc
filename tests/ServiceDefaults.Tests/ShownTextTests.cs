using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.ServiceDefaults.Tests;

public sealed class ShownTextTests
{
    [Theory]
    [InlineData("a\tb")]
    [InlineData("a\u2028b")]
    [InlineData("verified \u202etneg a\u202c")]
    [InlineData("a\u2067b")]
    [InlineData("a\u200eb")]
    public void What_shows_a_name_as_another_is_no_part_of_one(string text) => Assert.False(OwnerName.IsOne(text));

    [Theory]
    [InlineData("Ada Lovelace")]
    [InlineData("\u0646\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645")]
    [InlineData("\u05E2\u05D3\u05D4 \uD83D\uDC69\u200D\uD83D\uDCBB")]
    public void Letters_of_any_language_are(string text) => Assert.True(OwnerName.IsOne(text));

    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc")]
    [InlineData("ab\uD83D\uDC69", 3, "ab")]
    [InlineData("a\uD83D\uDC69b", 3, "a\uD83D\uDC69")]
    [InlineData("", 3, "")]
    public void A_text_is_cut_between_characters(string text, int longest, string cut) => Assert.Equal(cut, ShownText.Cut(text, longest));
}
