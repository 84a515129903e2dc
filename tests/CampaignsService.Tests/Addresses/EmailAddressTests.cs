using ZohoPlatform.CampaignsService.Addresses;
using ZohoPlatform.Contracts.Campaigns.V1;
using Contact = ZohoPlatform.CampaignsService.Registrations.Contact;

namespace ZohoPlatform.CampaignsService.Tests.Addresses;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("ada@example.com")]
    [InlineData("  ada@example.com\r\n")]
    [InlineData("<ada@example.com>")]
    [InlineData("Ada <ada@example.com>")]
    [InlineData("Ada\u00A0Lovelace\n< ada@example.com >")]
    [InlineData("\"Lovelace, Ada <the first>\" <ada@example.com>")]
    [InlineData("ada@example.com <ada@example.com>")]
    [InlineData("'Ada@example.com' <ada@example.com>")]
    [InlineData("ada@example.com <mailto:ada@example.com>")]
    [InlineData("mailto:ada@example.com")]
    [InlineData("MAILTO:ada%40example.com?subject=Hi&to=x@example.com")]
    [InlineData("\uFEFFada@example.com")]
    [InlineData("\u200Bada@\u00ADexample.com\u200E")]
    [InlineData("ada\u2060@example\u200D.com\u00A0")]
    [InlineData("ada@example.com\uFE0F\u3164")]
    [InlineData("\U000E0041ada@example.com")]
    [InlineData("ada@EXAMPLE.com")]
    [InlineData("'ada@example.com'")]
    [InlineData("\u201Cada@example.com\u201D")]
    [InlineData("\"ada@example.com\";")]
    [InlineData("ada@example.com; ")]
    [InlineData("ada\uFF20example.com,")]
    // percent-encoded in a link: a zero width space, a soft hyphen, a byte order mark, fullwidth letters
    [InlineData("mailto:%E2%80%8Bada%40exa%C2%ADmple.com")]
    [InlineData("\uFEFFmailto:%EF%BB%BFada@example.com%20")]
    [InlineData("mailto:ada@%EF%BD%85%EF%BD%98ample.com")]
    [InlineData("ada@\uFF45\uFF58\uFF41\uFF4D\uFF50\uFF4C\uFF45.\uFF43\uFF4F\uFF4D")]
    [InlineData("\u200Dada\u200C@exa\u200Cmple.c\u200Dom\u200C")]
    public void The_one_address_in_a_text_is_found(string text) => Assert.Equal("ada@example.com", EmailAddress.In(text));

    [Theory]
    [InlineData("")]
    [InlineData("<>")]
    [InlineData("\u200B")]
    [InlineData("Ada")]
    [InlineData("Ada ada@example.com")]
    [InlineData("ada @example.com")]
    [InlineData("ada\u00A0l@example.com")]
    [InlineData("ada@example.com, grace@example.com")]
    [InlineData("Ada <ada@example.com>, Grace <grace@example.com>")]
    [InlineData("grace@example.com <ada@example.com>")]
    [InlineData("<ada@example.com> Ada")]
    [InlineData("mailto:ada@example.com,grace@example.com")]
    [InlineData("ada@example.com\r\nBcc: grace@example.com")]
    [InlineData("ada@\u2603example.com")]
    [InlineData("ada@exa_mple.com")]
    [InlineData("ada@ex\u00E4mple..com")]
    // a joiner where none may be may stand for anything: in the domain, and in the name of the mailbox
    [InlineData("ada@ex\u00E4m\u200Dple.com")]
    [InlineData("\u0438\u200C\u0432@example.com")]
    // no form of any domain, and one that is not in its normal form
    [InlineData("ada@xn--a.com")]
    [InlineData("ada@xn--example-hie.de")]
    [InlineData("ada@a.\u0308b.de")]
    public void A_text_without_an_address_or_with_several_has_none(string text) => Assert.Null(EmailAddress.In(text));

    [Theory]
    [InlineData("ada@ex\u00E4mple.de", "ada@xn--exmple-cua.de")]
    [InlineData("Ada@EX\u00C4MPLE.de", "Ada@xn--exmple-cua.de")]
    [InlineData("ada@XN--exmple-cua.de", "ada@xn--exmple-cua.de")]
    [InlineData("ada@ex\u00E4mple\u3002de", "ada@xn--exmple-cua.de")]
    [InlineData("ada@exa\u0308mple.de", "ada@xn--exmple-cua.de")]
    [InlineData("ada@EXA\u0308MPLE.de", "ada@xn--exmple-cua.de")]
    [InlineData("ada@stra\u00DFe.de", "ada@xn--strae-oqa.de")]
    [InlineData("ada@\u05D0\u05D11.co.il", "ada@xn--1-zhcd.co.il")]
    [InlineData("ada@\u0627\u06621.com", "ada@xn--1-ymc1p.com")]
    // a joiner that the language writes is part of the domain
    [InlineData("ada@\u0646\u0627\u0645\u0647\u200C\u0627\u06CC.com", "ada@xn--mgba3gch31f060k.com")]
    [InlineData("jo\u0308rg@example.de", "j\u00F6rg@example.de")]
    [InlineData("\u0438\u0432\u0430\u043D@\u0434\u043E\u043C.\u0440\u0444", "\u0438\u0432\u0430\u043D@xn--d1aqf.xn--p1ai")]
    public void A_domain_travels_in_its_ascii_form(string text, string address)
    {
        Assert.Equal(address, EmailAddress.In(text));
        Assert.Equal(address, EmailAddress.In(address));
    }

    [Theory]
    [InlineData("Ada@Ex\u00E4mple.DE", "ada@xn--exmple-cua.de")]
    [InlineData("mailto:ada@xn--exmple-cua.de", "Ada <ADA@ex\u00E4mple.de>")]
    // the capital has no composed form, the small letter has one
    [InlineData("J\u030Cohn@example.com", "\u01F0ohn@example.com")]
    // what Zoho holds is compared whatever it is
    [InlineData(" Nobody ", "nobody")]
    public void Two_spellings_of_a_mailbox_are_one(string one, string other)
    {
        Assert.Equal(EmailAddress.Normalise(one), EmailAddress.Normalise(other));
        Assert.Equal(EmailAddress.Normalise(one), EmailAddress.Normalise(EmailAddress.Normalise(one)));
    }

    [Theory]
    [InlineData("ada@ex\u00E4m\u200Dple.com", "domain")]
    [InlineData("ada@xn--example-hie.de", "domain")]
    [InlineData("ada@exa_mple.com", "is not a mail address")]
    public void An_address_that_could_be_several_is_refused_with_what_is_wrong_with_it(string email, string told)
    {
        Assert.False(Contact.From(new RegistrationFields { Email = email }).Succeeded(out _, out var failure));
        Assert.Equal("email", failure.Field);
        Assert.StartsWith("email", failure.Message, StringComparison.Ordinal);
        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(" Analytical\r\nEngines\u2028Ltd\t", "Analytical Engines Ltd")]
    [InlineData("\n \r", null)]
    public void A_line_break_in_a_field_is_a_space(string sent, string? kept)
    {
        Assert.True(Contact.From(new RegistrationFields { Email = "ada@example.com", Company = sent }).Succeeded(out var contact, out _));
        Assert.Equal(kept, contact.Company);
    }
}
