using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.CampaignsService.Syncs;
using ZohoPlatform.CampaignsService.Syncs.Jobs;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using Contact = ZohoPlatform.CampaignsService.Registrations.Contact;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

public sealed class FieldMapTests
{
    private static readonly ContactField[] Known =
        [new("Contact Email", "contact_email", true), new("First Name", "firstname", false), new("Country", "CUSTOM_1", false)];

    [Fact]
    public void Any_row_becomes_a_contact_that_zoho_can_take_or_one_that_says_what_is_wrong() =>
        Prop.ForAll<string, string, NonNull<string>>((email, name, other) =>
        {
            var map = Map(["email", "first_name", "country"]);
            var row = new Dictionary<string, string>(StringComparer.Ordinal) { ["country"] = other.Get };
            if (email is not null)
            {
                row["email"] = email;
            }

            if (name is not null)
            {
                row["first_name"] = name;
            }

            var contact = map.Map(row);
            if (contact.Code is not null)
            {
                return contact is { Key: null, Fields: null, Message.Length: > 0 } && contact.Email.Length <= EmailAddress.MaxLength;
            }

            var fields = JsonSerializer.Deserialize<Dictionary<string, string>>(contact.Fields!)!;
            return EmailAddress.In(contact.Email) == contact.Email
                && contact.Key == EmailAddress.Normalise(contact.Email)
                && fields[FieldMap.EmailField] == contact.Email
                && fields.Values.All(value => value.Length is > 0 and <= Contact.MaxFieldLength && !value.Any(char.IsControl))
                && fields.Keys.All(field => Known.Any(known => known.DisplayName == field));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("#N/A", "\\N", "#n/a")]
    [InlineData("#NV", "#BEZUG!", "#WERT!", "#ZAHL!", "#\u00DCBERLAUF!", "#KALK!")]
    [InlineData("#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!", "#PROPAGATION!", "#BLOQU\u00C9!")]
    [InlineData("#\u00A1VALOR!", "#\u00BFNOMBRE?", "#\u00A1DIV/0!", "#\u00A1NULO!", "#DESBORDAMIENTO!")]
    [InlineData("#N/D", "#VALORE!", "#RIF!", "#NULLO!", "#ESPANSIONE!", "#N\u00DAM!", "#DESPEJAR!")]
    [InlineData("#N/B", "#WAARDE!", "#VERW!", "#DEEL/0!", "#LEEG!", "#NAAM?", "#OVERLOOP!")]
    [InlineData("#N/D!", "#ARG!", "#ADR!", "#DZIEL/0!", "#ZERO!", "#LICZBA!", "#ROZLANIE!")]
    [InlineData("#YOK", "#DE\u011EER!", "#BA\u015EV!", "#SAYI/0!", "#AD?", "#BO\u015E!", "#TA\u015EMA!")]
    [InlineData("#\u041D/\u0414", "#\u0417\u041D\u0410\u0427!", "#\u0414\u0415\u041B/0!", "#\u0418\u041C\u042F?")]
    [InlineData("#\u041F\u0423\u0421\u0422\u041E!", "#\u0421\u0421\u042B\u041B\u041A\u0410!", "#\u0427\u0418\u0421\u041B\u041E!")]
    [InlineData("#SPILL!", "#CALC!", "#FIELD!", "#GETTING_DATA", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#ERROR!")]
    [InlineData("#REF!", "#VALUE!", "#NAME?", "#NULL!", "#DIV/0!", "#NUM!", "#", "########")]
    public void What_a_spreadsheet_writes_where_there_is_nothing_is_no_value(params string[] cells) =>
        Assert.All(cells, cell => Assert.Equal("""{"Contact Email":"ada@example.com"}""", Named(cell).Fields));

    [Theory]
    [InlineData("NULL", "#1", "#Team!", "# 12", "C#", "#metoo", "N/A", "F#!", "#A", "12E", "E+12", "4E+1", "1.5E-11", "NV")]
    public void What_only_looks_like_that_is_a_value(params string[] cells) => Assert.All(
        cells,
        cell => Assert.Equal(cell, JsonSerializer.Deserialize<Dictionary<string, string>>(Named(cell).Fields!)!["First Name"]));

    [Theory]
    [InlineData("4.93012E+11")]
    [InlineData("4,93012E+11")]
    [InlineData("5E+09")]
    [InlineData("4.9e+11")]
    public void A_number_whose_digits_a_spreadsheet_has_dropped_is_said_and_not_sent(string cell)
    {
        var contact = Map(["email", "phone"]).Map(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["email"] = "ada@example.com",
            ["phone"] = cell,
        });

        Assert.Equal(("field_invalid", null, "ada@example.com"), (contact.Code, contact.Fields, contact.Mailbox));
        Assert.StartsWith("Phone has lost digits: a spreadsheet has rounded the number. ", contact.Message, StringComparison.Ordinal);
        // it is kept with the sync's rows: no part of a number belongs there
        Assert.DoesNotContain(cell, contact.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_columns_that_look_like_the_address_are_not_guessed_between()
    {
        var refused = FieldMap.For([], ["Mail", "E-Mail Address", "name"]);

        Assert.False(refused.Succeeded(out _, out var failure));
        Assert.Equal("mapping", failure.Field);
        Assert.Contains("Mail, E-Mail Address", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    public void What_is_kept_of_a_wrong_address_ends_with_a_whole_character(string before)
    {
        var row = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["email"] = before + string.Concat(Enumerable.Repeat("🦜", EmailAddress.MaxLength)),
        };

        var contact = Map(["email"]).Map(row);

        Assert.InRange(contact.Email.Length, EmailAddress.MaxLength - 1, EmailAddress.MaxLength);
        Assert.EndsWith("🦜", contact.Email, StringComparison.Ordinal);
    }

    [Fact]
    public void However_an_address_is_spelled_it_is_one_mailbox_and_a_plus_makes_another() =>
        Prop.ForAll<PositiveInt, bool>((number, upper) =>
        {
            var address = $"user{number.Get}@example.com";
            var map = Map(["email"]);
            string Key(string email) => map.Map(new Dictionary<string, string>(StringComparer.Ordinal) { ["email"] = email }).Key!;
            return Key(upper ? $" {address.ToUpperInvariant()} " : address) == Key(address)
                && Key($"user{number.Get}+a@example.com") != Key(address);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_is_mapped_every_field_has_one_column_of_the_source_or_the_mapping_is_refused() =>
        Prop.ForAll<(NonNull<string> Column, NonNull<string> Field)[], NonNull<string>[]>((asked, columns) =>
        {
            var source = columns.Select(column => column.Get).Append("email").Distinct(StringComparer.Ordinal).ToList();
            var links = asked.Select(link => new FieldLink(link.Column.Get, link.Field.Get)).Append(
                new FieldLink("email", FieldMap.EmailField)).ToList();
            return FieldMap.For(links, source).Succeeded(out var map, out var failure)
                ? map.Links.All(link => source.Contains(link.Column))
                    && map.Links.Select(link => link.Field).Distinct().Count() == map.Links.Count
                    && map.Unmapped(source).Count + map.Links.Count == source.Count
                : failure is { Kind: FailureKind.Invalid, Field: "mapping" };
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("E-Mail", "Contact Email")]
    [InlineData("first_name", "First Name")]
    [InlineData("Last Name", "Last Name")]
    [InlineData("preferred_language", "Language")]
    [InlineData("productionType", "Production Type")]
    public void Columns_are_recognised_by_their_usual_names(string column, string field)
    {
        Assert.True(FieldMap.For([], field == "Contact Email" ? [column] : [column, "email"]).Succeeded(out var map, out _));
        Assert.Contains(map.Links, link => link.Column == column && link.Field == field);
    }

    [Fact]
    public void Unknown_and_missing_fields_are_named()
    {
        Assert.True(
            FieldMap.For([new("email", FieldMap.EmailField), new("a", "Shoe Size")], ["email", "a"]).Succeeded(out var unknown, out _));
        Assert.Contains("Shoe Size", unknown.Against(Known)!.Message, StringComparison.Ordinal);

        Assert.True(
            FieldMap.For([new("email", FieldMap.EmailField), new("a", "First Name")], ["email", "a"]).Succeeded(out var partial, out _));
        Assert.Equal("field_missing", partial.Against([.. Known, new ContactField("Company", "companyname", true)])!.Code);
        Assert.Null(partial.Against(Known));
    }

    [Fact]
    public void Every_failure_makes_a_sync_wait_pause_or_fail_and_an_outage_only_wait()
    {
        var kinds = Gen.Elements(Enum.GetValues<FailureKind>());
        Prop.ForAll(
            kinds.ToArbitrary(),
            kind => Step.After(new Failure(kind, "any_code", "Any sentence.")).End is StepEnd.Wait or StepEnd.Await or StepEnd.Pause
                && Step.AfterSource(new Failure(kind, "any_code", "Any sentence.")).End is StepEnd.Wait or StepEnd.Pause or StepEnd.Fail)
            .QuickCheckThrowOnFailure();
        Assert.Equal(StepEnd.Wait, Step.After(CampaignsFailures.Unavailable).End);
        Assert.Equal(StepEnd.Wait, Step.AfterSource(StorageOutage.Failure).End);
        Assert.Equal(StepEnd.Pause, Step.After(CampaignsFailures.ListNotFound).End);
        Assert.All(
            Enum.GetValues<FailureKind>().SelectMany(kind => new[] { Step.After(OfKind(kind)), Step.AfterSource(OfKind(kind)) }),
            step => Assert.Equal(
                step.End is StepEnd.Pause, step.Failure!.Message.EndsWith("resume it then.", StringComparison.Ordinal)));

        static Failure OfKind(FailureKind kind) => new(kind, "any_code", "Any sentence.");
    }

    private static MappedContact Named(string name) => Map(["email", "first_name"]).Map(
        new Dictionary<string, string>(StringComparer.Ordinal) { ["email"] = "ada@example.com", ["first_name"] = name });

    private static FieldMap Map(IReadOnlyList<string> columns) =>
        FieldMap.For([], columns).Succeeded(out var map, out var failure) ? map : throw new InvalidOperationException(failure.Message);
}
