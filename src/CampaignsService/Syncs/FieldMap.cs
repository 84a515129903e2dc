using System.Text.Json;
using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.CampaignsService.Consent;
using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.CampaignsService.Syncs.Sources;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CampaignsService.Syncs;

/// <summary>A column of the source and the field of Zoho's that its values go to.</summary>
internal sealed record FieldLink(string Column, string Field);

/// <summary>
/// Which column of a source goes to which of Zoho's fields, by display name. Has at least the address; a column and a field stand in it
/// once.
/// </summary>
internal sealed record FieldMap(IReadOnlyList<FieldLink> Links)
{
    public const string EmailField = "Contact Email";

    // the usual names of columns, without case, spaces, hyphens and underscores
    private static readonly Dictionary<string, string> Usual = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["email"] = EmailField,
        ["emailaddress"] = EmailField,
        ["mail"] = EmailField,
        ["contactemail"] = EmailField,
        ["useremail"] = EmailField,
        ["firstname"] = "First Name",
        ["givenname"] = "First Name",
        ["lastname"] = "Last Name",
        ["surname"] = "Last Name",
        ["familyname"] = "Last Name",
        ["country"] = "Country",
        ["company"] = "Company",
        ["companyname"] = "Company",
        ["phone"] = "Phone",
        ["phonenumber"] = "Phone",
        ["language"] = "Language",
        ["preferredlanguage"] = "Language",
        ["productiontype"] = "Production Type",
        ["category"] = "Category",
    };


    /// <summary>Only the address is sent: ten contacts fit into one call then.</summary>
    public bool IsAddressOnly => Links.Count == 1;

    private string EmailColumn => Links.First(link => link.Field == EmailField).Column;

    /// <summary>The map that is asked for; where none is, the nine fields under their usual names.</summary>
    public static Result<FieldMap> For(IReadOnlyList<FieldLink> asked, IReadOnlyList<string> columns)
    {
        if (asked.Count == 0)
        {
            var addresses = columns.Where(column => Usual.GetValueOrDefault(Plain(column)) == EmailField).ToList();
            if (addresses.Count > 1)
            {
                return Failure.InvalidField(
                    "mapping", $"{ColumnSet.Shown(addresses)} all look like the mail address: map the one that is to {EmailField}.");
            }

            // the first column that means a field has it
            var links = columns
                .Where(column => Usual.ContainsKey(Plain(column)))
                .Select(column => new FieldLink(column, Usual[Plain(column)]))
                .DistinctBy(link => link.Field, StringComparer.Ordinal)
                .ToList();
            return links.Exists(link => link.Field == EmailField)
                ? new FieldMap(links)
                : Failure.InvalidField("mapping",
                    $"No column of the source looks like a mail address: map the one that is to {EmailField}. "
                    + $"It has {ColumnSet.Shown(columns)}.");
        }

        foreach (var link in asked)
        {
            if (string.IsNullOrWhiteSpace(link.Field))
            {
                return Failure.InvalidField("mapping", $"mapping names no field for the column {link.Column}.");
            }

            if (!columns.Contains(link.Column, StringComparer.Ordinal))
            {
                return Failure.InvalidField("mapping", $"The source has no column {link.Column}. It has {ColumnSet.Shown(columns)}.");
            }
        }

        return asked.GroupBy(link => link.Field, StringComparer.Ordinal).FirstOrDefault(field => field.Count() > 1) is { } twice
                ? Failure.InvalidField("mapping", $"mapping gives the field {twice.Key} two columns.")
            : asked.GroupBy(link => link.Column, StringComparer.Ordinal).FirstOrDefault(column => column.Count() > 1) is { } same
                ? Failure.InvalidField("mapping", $"mapping names the column {same.Key} twice.")
            : asked.All(link => link.Field != EmailField)
                ? Failure.InvalidField("mapping", $"mapping has no column for {EmailField}.")
                : new FieldMap(asked);
    }

    public IReadOnlyList<string> Unmapped(IReadOnlyList<string> columns) =>
        [.. columns.Except(Links.Select(link => link.Column), StringComparer.Ordinal)];

    /// <summary>
    /// Why Zoho could not take contacts that are mapped like this; null where it can. Zoho itself drops unknown fields without a word.
    /// </summary>
    public Failure? Against(IReadOnlyList<ContactField> known)
    {
        var unknown = Links.Where(link => known.All(field => field.DisplayName != link.Field)).Select(link => link.Field).ToList();
        if (unknown.Count > 0)
        {
            return new Failure(
                FailureKind.Precondition,
                "field_unknown",
                $"Zoho Campaigns has no field {ColumnSet.Shown(unknown)}: create it there (Settings, Custom fields) or leave it out of the "
                + "mapping. "
                + $"It has {ColumnSet.Shown([.. known.Select(field => field.DisplayName)])}.");
        }

        // the bulk method takes addresses whatever is mandatory
        var missing = known.Where(field => field.IsMandatory && Links.All(link => link.Field != field.DisplayName))
            .Select(field => field.DisplayName)
            .ToList();
        return missing.Count == 0 || IsAddressOnly ? null : new Failure(
            FailureKind.Precondition,
            "field_missing",
            $"Zoho Campaigns wants {ColumnSet.Shown(missing)} of every contact: map a column to it, or make it optional there.");
    }

    /// <summary>What one row of the source comes to.</summary>
    public MappedContact Map(IReadOnlyDictionary<string, string> columns)
    {
        var given = columns.GetValueOrDefault(EmailColumn, "").Trim();
        if (given.Length == 0)
        {
            return MappedContact.Wrong(given, "email_missing", "The row has no mail address.");
        }

        if (EmailAddress.In(given) is not { } email)
        {
            var (text, mentioned) = MentionedAddress.FirstIn(ShownText.Cut(given, EmailAddress.MaxLength));
            return MappedContact.Wrong(text, "invalid_email", $"{EmailColumn} {EmailAddress.FaultOf(given)}") with { Mailbox = mentioned };
        }

        var key = EmailAddress.Normalise(email);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal) { [EmailField] = email };
        foreach (var link in Links.Where(link => link.Field != EmailField))
        {
            if (Contact.Given(columns.GetValueOrDefault(link.Column)) is not { } value || SpreadsheetCell.IsNoValue(value))
            {
                continue;
            }

            if (SpreadsheetCell.IsRounded(value))
            {
                return MappedContact.Wrong(
                    email,
                    "field_invalid",
                    $"{link.Field} has lost digits: a spreadsheet has rounded the number. Format its column as text or as a number without "
                    + "decimals there, put the digits back and save the file again.") with
                {
                    Mailbox = key,
                };
            }

            if (value.Length > Contact.MaxFieldLength)
            {
                return MappedContact.Wrong(email, "field_too_long", $"{link.Field} is longer than {Contact.MaxFieldLength} characters.") with
                {
                    Mailbox = key,
                };
            }

            if (value.Any(char.IsControl))
            {
                return MappedContact.Wrong(email, "field_invalid", $"{link.Field} holds a control character.") with { Mailbox = key };
            }

            fields[link.Field] = value;
        }

        return new MappedContact(email, key, IsAddressOnly ? null : JsonSerializer.Serialize(fields), null, null);
    }

    private static string Plain(string column) => new([.. column.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)]);
}

/// <summary>A row of a source as a contact.</summary>
/// <param name="Email">The address that is pushed; where the row is wrong, what the source has.</param>
/// <param name="Key">The mailbox, the same for every spelling; null where the row is wrong.</param>
/// <param name="Fields">Zoho's <c>contactinfo</c>; null where only the address is sent.</param>
/// <param name="Code">What is wrong with it; null for a contact that can be pushed.</param>
/// <param name="Message">The same for people.</param>
internal sealed record MappedContact(string Email, string? Key, string? Fields, string? Code, string? Message)
{
    private const string FilteredCode = "filtered";

    /// <summary>Nothing is wrong with it, but a filter leaves it out.</summary>
    public bool IsFiltered => Code is FilteredCode;

    /// <summary>Nothing is wrong with it, but the person does not want to be written to.</summary>
    public bool IsOptedOut { get; init; }

    /// <summary>Whose address the row names although it is wrong, so that it is found when they are forgotten; null for nobody's.</summary>
    public string? Mailbox { get; init; }

    public static MappedContact Wrong(string email, string code, string message) => new(email, null, null, code, message);

    public MappedContact OptedOut(OptOutReason reason) => this with
    {
        Fields = null,
        Code = OptOuts.Codes[(int)reason - 1],
        Message = OptOuts.Messages[(int)reason - 1],
        IsOptedOut = true,
    };

    public MappedContact LeftOutBy(RowFilter filter) =>
        Wrong(Email, FilteredCode, $"The filter of the column {filter.Column} leaves the row out.") with { Mailbox = Key ?? Mailbox };
}
