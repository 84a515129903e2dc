using FsCheck;
using FsCheck.Fluent;
using PhoneNumbers;
using ZohoPlatform.MessagingService.Phones;
using PhoneNumber = ZohoPlatform.MessagingService.Phones.PhoneNumber;

namespace ZohoPlatform.MessagingService.Tests.Phones;

public sealed class PhoneSpellingsTests
{
    [Theory]
    [InlineData("+5511987654321", "+5511987654321", "5511987654321", "005511987654321", "(11) 98765-4321", "11987654321",
        "+55 11 98765-4321", "+55 (11) 98765-4321", "011987654321",
        "+551187654321", "551187654321", "(11) 8765-4321", "+55 11 8765-4321", "1187654321")]
    [InlineData("+525512345678", "+525512345678", "55 1234 5678", "+5215512345678", "5215512345678", "+52 1 55 1234 5678", "0445512345678")]
    [InlineData("+5491123456789", "+5491123456789", "011 15-2345-6789", "0111523456789",
        "+54 9 11 2345-6789", "+541123456789", "011 2345-6789")]
    [InlineData("+2250747123456", "+2250747123456", "0747123456", "+22547123456", "47123456", "+225 47 12 3456")]
    [InlineData("+12025550123", "+12025550123", "(202) 555-0123", "202-555-0123", "2025550123", "12025550123", "+1 202-555-0123",
        "+1 (202) 555-0123", "+1-202-555-0123", "+1 202 555 0123", "202 555 0123", "202.555.0123")]
    [InlineData("+447700900123", "+447700900123", "07700 900123", "07700900123", "7700900123", "00447700900123", "+44 7700 900123")]
    [InlineData("+79161234567", "8 (916) 123-45-67", "89161234567", "+7 (916) 123-45-67")]
    public void A_crm_is_asked_for_what_people_write_into_it(string e164, params string[] expected)
    {
        var spellings = PhoneSpellings.Of(PhoneNumber.Parse(e164, null)!);

        Assert.Empty(expected.Except(spellings, StringComparer.Ordinal));
        Assert.Equal(e164, spellings[0]);
    }

    [Fact]
    public void Every_spelling_is_the_same_person_again_and_ends_like_the_tail() => Prop.ForAll(
        Arb.From(Gen.OneOf(PhoneNumberTests.Numbers, Gen.Elements(Plan.All.Select(plan => plan.E164).ToArray()))), written =>
        {
            var number = PhoneNumber.Parse(written, null)!;
            var library = PhoneNumberUtil.GetInstance();
            var parsed = library.Parse(number.E164, null);
            var region = library.GetRegionCodeForNumber(parsed) ?? library.GetRegionCodeForCountryCode(parsed.CountryCode);
            var spellings = PhoneSpellings.Of(number);
            var tail = PhoneSpellings.SearchTail(number);

            Assert.Equal(number.E164, spellings[0]);
            Assert.InRange(spellings.Count, 4, PhoneSpellings.Most);
            Assert.Equal(spellings.Count, spellings.Distinct(StringComparer.Ordinal).Count());
            Assert.Matches("^[0-9]{4,8}$", tail);
            Assert.All(spellings, spelling =>
            {
                Assert.Matches("^[0-9+(][0-9 +().\\-/]{2,29}$", spelling);
                Assert.Equal(number.Key, PhoneNumber.Parse(spelling, region)?.Key);
                Assert.EndsWith(tail, string.Concat(spelling.Where(char.IsAsciiDigit)), StringComparison.Ordinal);
            });
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Theory]
    [InlineData("+5511987654321", "87654321")]
    [InlineData("+5215512345678", "12345678")]
    [InlineData("+5491123456789", "23456789")]
    [InlineData("+5493514123456", "4123456")]
    [InlineData("+22547123456", "47123456")]
    [InlineData("+12025550123", "25550123")]
    [InlineData("+2908123", "8123")]
    public void The_tail_is_what_all_forms_of_a_number_share(string e164, string expected) =>
        Assert.Equal(expected, PhoneSpellings.SearchTail(PhoneNumber.Parse(e164, null)!));

    [Theory]
    [MemberData(nameof(PhoneNumberTests.Plans), MemberType = typeof(PhoneNumberTests))]
    public void Every_wa_id_finds_the_person_by_one_of_the_spellings(Plan plan)
    {
        var spellings = PhoneSpellings.Of(PhoneNumber.Parse(plan.E164, null)!);

        Assert.All(plan.WaIds, id =>
        {
            Assert.Contains($"+{id}", spellings);
            Assert.Contains(id, spellings);
        });
    }
}
