using FsCheck;
using FsCheck.Fluent;
using PhoneNumbers;
using PhoneNumber = ZohoPlatform.MessagingService.Phones.PhoneNumber;

namespace ZohoPlatform.MessagingService.Tests.Phones;

public sealed class PhoneNumberTests
{
    public static TheoryData<Plan> Plans => [.. Plan.All];

    [Fact]
    public void The_plans_are_more_than_twenty() => Assert.True(Plan.All.DistinctBy(plan => plan.Region).Count() > 20);

    [Theory]
    [MemberData(nameof(Plans))]
    public void Every_spelling_and_every_wa_id_is_one_person(Plan plan)
    {
        var known = PhoneNumber.Parse(plan.E164, null);
        Assert.NotNull(known);
        Assert.Equal(plan.E164, known.E164);

        Assert.All(plan.Spellings, spelling => Assert.Equal(known, PhoneNumber.Parse(spelling, plan.Region)));
        Assert.All(plan.WaIds, id => Assert.Equal(known.Key, PhoneNumber.FromWaId(id)?.Key));
        Assert.Equal(known, PhoneNumber.FromWaId(plan.WaIds[0]));
    }

    [Theory]
    [MemberData(nameof(Plans))]
    public void Neighbours_are_other_people(Plan plan)
    {
        var known = PhoneNumber.Parse(plan.E164, null);

        Assert.All(plan.Neighbours, neighbour =>
        {
            var other = PhoneNumber.Parse(neighbour, plan.Region);
            Assert.NotNull(other);
            Assert.NotEqual(known?.Key, other.Key);
        });
    }

    [Theory]
    [InlineData(null, "GB")]
    [InlineData("", "GB")]
    [InlineData("+", "GB")]
    [InlineData("n/a", "GB")]
    [InlineData("call me", "GB")]
    [InlineData("12345", "GB")]
    [InlineData("12345", "DE")]
    [InlineData("+12345", null)]
    [InlineData("999", "GB")]
    [InlineData("112", "DE")]
    [InlineData("2026", "DE")]
    [InlineData("32665", "US")]
    [InlineData("555-0123", "US")]
    [InlineData("1-800-FLOWERS", "US")]
    [InlineData("+1 800 FLOWERS", null)]
    [InlineData("07700 900123", null)]
    [InlineData("11987654321", null)]
    [InlineData("447700900123", null)]
    [InlineData("07700 900123", "XX")]
    [InlineData("+999 1234 5678", "GB")]
    [InlineData("+44 7700 900123 4567 8901", "GB")]
    [InlineData("+44770090", "GB")]
    [InlineData("0000000000000000000000000", "GB")]
    [InlineData("0011", "AU")]
    [InlineData("( ) - /", "GB")]
    [InlineData("/07700 900123 07700 900124", "GB")]
    // an extension behind a German number: the library takes up to 15 digits behind the country code
    [InlineData("+49 30 1234567890123", null)]
    [InlineData("030 1234567890123", "DE")]
    // ids of WhatsApp that are no phones, and addresses
    [InlineData("447700900123@lid", "GB")]
    [InlineData("447700900123:12@lid", "GB")]
    [InlineData("+447700900123@g.us", null)]
    [InlineData("447700900123-1490000000@g.us", "GB")]
    [InlineData("447700900123@broadcast", "GB")]
    [InlineData("447700900123@newsletter", "GB")]
    [InlineData("lead07700900123@example.com", "GB")]
    // what a spreadsheet makes of one
    [InlineData("4.477009E+11", "GB")]
    [InlineData("4,477009E+11", "GB")]
    [InlineData("4.47700900123e+11", "GB")]
    [InlineData("+447700900E3", null)]
    // masked
    [InlineData("+44 7700 9***12", "GB")]
    [InlineData("+4477009xxxx12", null)]
    [InlineData("+44 7700 90XX 12", null)]
    [InlineData("+49 30 12345678xx", null)]
    [InlineData("+49 30 1234567 **", null)]
    [InlineData("+49 30 1234567***", null)]
    [InlineData("07700 9001\u2022\u2022", "GB")]
    [InlineData("+49 30 1234567\u20228", null)]
    [InlineData("+49 30 1234567*8", null)]
    [InlineData("+49 30 1234567##", null)]
    [InlineData("+49 30 1234567x", null)]
    [InlineData("+49 30 1234567O8", null)]
    // what is typed where a field must not be empty
    [InlineData("0000000000", "GB")]
    [InlineData("0000000000", "DE")]
    [InlineData("0000000000", "US")]
    [InlineData("0000000000", "BR")]
    [InlineData("+1 1111111111", null)]
    [InlineData("1111111111", "DE")]
    [InlineData("+49 00000000", null)]
    [InlineData("9999999999", "US")]
    public void What_is_no_number_is_none(string? text, string? region) => Assert.Null(PhoneNumber.Parse(text, region));

    [Theory]
    [InlineData("447700900123", "BR", null)]
    [InlineData("5511987654321", "US", "+5511987654321")]
    [InlineData("551187654321", "GB", "+5511987654321")]
    [InlineData("0044 20 7946 0123", null, "+442079460123")]
    [InlineData("+1 999 555 0123", "GB", "+19995550123")]
    public void Without_plus_a_foreign_number_is_taken_where_its_range_is_known_and_with_one_in_any_case(
        string text, string? region, string? expected) => Assert.Equal(expected, PhoneNumber.Parse(text, region)?.E164);

    [Theory]
    [InlineData("447700900123@s.whatsapp.net", "+447700900123")]
    [InlineData(" 447700900123:12@s.whatsapp.net", "+447700900123")]
    [InlineData("+447700900123@c.us", "+447700900123")]
    [InlineData("+44 7700 900123x12", "+447700900123")]
    [InlineData("+44 7700 900123 x 12", "+447700900123")]
    [InlineData("+44 7700 900123ext12", "+447700900123")]
    [InlineData("+44 7700 900123 ext. 5", "+447700900123")]
    [InlineData("+44 7700 900123#12", "+447700900123")]
    [InlineData("+44 7700 900123*", "+447700900123")]
    [InlineData("+44 7700 900123 Xenia 2", "+447700900123")]
    [InlineData("+44 7700 900123, 07700 900124", "+447700900123")]
    [InlineData("+44 7700 900123 (home) 2", "+447700900123")]
    [InlineData("+62 62 812-3456-7890", "+6281234567890")]
    [InlineData("+62 +62 812-3456-7890", "+6281234567890")]
    [InlineData("006262 81234567890", "+6281234567890")]
    [InlineData("+49 49 30 23125123", "+493023125123")]
    [InlineData("+39 391 234 5678", "+393912345678")]
    public void What_stands_about_a_number_is_left_out(string text, string expected) => Assert.Equal(expected, PhoneNumber.Parse(text, null)?.E164);

    [Fact]
    public void Whatsapp_is_believed_where_the_plan_is_not_known_to_have_the_number()
    {
        Assert.Equal("+22540123", PhoneNumber.FromWaId("22540123")?.E164);
        Assert.Equal("+576012345678", PhoneNumber.FromWaId("5712345678")?.E164);
        Assert.Equal("+4477009001234", PhoneNumber.FromWaId("4477009001234")?.E164);
        // an id that is no number: with a digit less it would look like one
        Assert.Null(PhoneNumber.FromWaId("118261234567890"));

        Assert.All(["", "447700", "+447700900123", "120363012345678901", "99912345678", "4477009001a3", "٤٤٧٧٠٠٩٠٠١٢٣"], id =>
            Assert.Null(PhoneNumber.FromWaId(id)));
    }

    [Fact]
    public void Regions_are_two_capitals_that_the_library_knows()
    {
        Assert.All(["BR", "GB", "CI", "KZ", "JE"], region => Assert.True(PhoneNumber.IsRegion(region)));
        Assert.All(["", "br", "UK", "001", "ZZ", "BRA"], region => Assert.False(PhoneNumber.IsRegion(region)));
    }

    [Fact]
    public void No_log_shows_a_number() =>
        Assert.DoesNotContain("7700", $"{PhoneNumber.Parse("+447700900123", null)}", StringComparison.Ordinal);

    [Fact]
    public void What_was_read_is_read_again_as_the_same() => Prop.ForAll(Arb.From(Numbers), written =>
    {
        var number = PhoneNumber.Parse(written, null);
        Assert.NotNull(number);
        Assert.Equal(number, PhoneNumber.Parse(number.E164, "BR"));
        Assert.Equal(number, PhoneNumber.FromWaId(number.E164[1..]));
        Assert.Equal(number.Key, PhoneNumber.Parse(number.Key, null)?.Key);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void Nothing_that_is_typed_makes_it_throw() => Prop.ForAll(
        ArbMap.Default.ArbFor<NonNull<string>>(), Arb.From(Gen.Elements("BR", "MX", "AR", "CI", "GB", "US", "DE", "XX", "", null)),
        Arb.From(Gen.Elements("+", "00", "+55 11 9", "521", "0 (", "٠", "\ud83d")),
        (text, region, before) =>
        {
            var number = PhoneNumber.Parse(before + text.Get, region);
            Assert.True(number is null || number.E164.Skip(1).All(char.IsAsciiDigit));
            Assert.True(PhoneNumber.FromWaId(text.Get) is null or { Key.Length: > 7 });
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    /// <summary>A valid number of any region: the library's own example of it with other last digits, where those are valid too.</summary>
    internal static Gen<string> Numbers =>
        from region in Gen.Elements(PhoneNumberUtil.GetInstance().GetSupportedRegions().Order(StringComparer.Ordinal).ToArray())
        from type in Gen.Elements(PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
        from last in Gen.Choose(0, 9999)
        select Like(region, type, last);

    private static string Like(string region, PhoneNumberType type, int last)
    {
        var library = PhoneNumberUtil.GetInstance();
        var number = library.GetExampleNumberForType(region, type) ?? library.GetExampleNumber(region);
        var example = library.Format(number, PhoneNumberFormat.E164);
        var changed = $"{example[..^4]}{last:D4}";
        return library.IsValidNumber(library.Parse(changed, null)) ? changed : example;
    }
}
