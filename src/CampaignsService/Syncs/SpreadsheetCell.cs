using System.Text.RegularExpressions;

namespace ZohoPlatform.CampaignsService.Syncs;

/// <summary>
/// Tells what a spreadsheet or a database writes into a cell in place of a value, so that it does not overwrite a good one in Zoho.
/// </summary>
internal static partial class SpreadsheetCell
{
    /// <summary>
    /// The names that the shape of the others does not tell: "not available" and "getting data" in the languages of
    /// <see cref="ConsentWords"/>. Not NULL, which is somebody's name.
    /// </summary>
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        @"\N",
        "#N/A", "#N/D", "#NV", "#N/B", "#\u041D/\u0414", "#YOK",
        "#GETTING_DATA", "#DATEN_ABRUFEN", "#CHARGEMENT_DONNEES", "#OBTENTION_DONNEES", "#OBTENIENDO_DATOS", "#ESTRAZIONE_DATI_IN_CORSO",
        "#OBTENDO_DADOS", "#GEGEVENS_OPHALEN",
    };

    /// <summary>An error of a formula, a column that is too narrow, or a database's sign for nothing.</summary>
    public static bool IsNoValue(string value) => Names.Contains(value) || Error.IsMatch(value);

    /// <summary>
    /// A long number that a spreadsheet shows as <c>4.93012E+11</c> and saves like that: the digits after the first few are gone.
    /// </summary>
    public static bool IsRounded(string value) => Rounded.IsMatch(value);

    // In every language an error is # and capitals and ends with ! or ?: #VALUE!, #BEZUG!, #\u00A1DIV/0!, #\u00BFNOMBRE?, #SPILL!
    [GeneratedRegex(
        @"^#(#*|[\u00A1\u00BF]?[\p{Lu}\p{M}_]{2,24}(/[0\p{Lu}])?[!?]|\p{Lu}/\p{Lu}!)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Error { get; }

    [GeneratedRegex(
        @"^[+-]?[0-9]([.,][0-9]+)?[Ee]\+[0-9]{2}\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Rounded { get; }
}
